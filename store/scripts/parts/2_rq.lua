-- RQ jobs, written as rq.job.Job.save and Queue.enqueue_job write them. Data is plain JSON: RQ reads
-- uncompressed data too (Job.restore). Arguments are ids only.
-- A failure TTL is part of every job: RQ's own default keeps failures for a year.
local function enqueue(queue, job, func, arguments, description, stamp, timeout_s, failure_ttl_s)
  redis.call('HSET', K.rq_job .. job,
    'data', '["' .. func .. '", null, ' .. arguments .. ', {}]',
    'origin', queue, 'description', description, 'status', 'queued',
    'created_at', stamp, 'enqueued_at', stamp, 'started_at', '', 'ended_at', '', 'last_heartbeat', '',
    'worker_name', '', 'success_callback_name', '', 'failure_callback_name', '', 'stopped_callback_name', '',
    'timeout', timeout_s, 'result_ttl', 10, 'failure_ttl', failure_ttl_s)
  redis.call('SADD', K.rq_queues, K.rq_queue .. queue)
  redis.call('RPUSH', K.rq_queue .. queue, job)
end

-- Whether a job still waits in its queue. Behind 10,000 others it is taken to do so: the search stays bounded.
local function waits(queue, job)
  local key = K.rq_queue .. queue
  if redis.call('LPOS', key, job, 'MAXLEN', 10000) then return true end
  return redis.call('LLEN', key) > 10000 and redis.call('HGET', K.rq_job .. job, 'status') == 'queued'
end

-- The failed job that stood for a delivery, which is not dead any more: nobody is to requeue it.
local function forget_failed(job)
  if not job or job == '' then return end
  redis.call('ZREM', K.rq_failed .. 'deliveries', job)
  redis.call('DEL', K.rq_job .. job, K.rq_results .. job)
end
