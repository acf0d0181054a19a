-- Reads RQ's queues and workers, and who sweeps, as `rq info` does, but changes nothing: what has expired in a
-- registry is not counted, and not taken out either.
-- ARGV: the key of the gateways' names, now in seconds, how many workers at most; then the names of the queues.
-- Returns {queues: {depth, when its first job was enqueued or '', started, failed}..., workers: {key, flat hash,
--       description of its job or '', when it began that or ''}..., whether a sweeper is on duty, deliveries of all gateways that wait
--       for a retry}.
-- Invariant: reads only.
-- Run twice: changes nothing.
local now, most, queues, workers, retrying = ARGV[2], tonumber(ARGV[3]), {}, {}, 0

local function of_job(job, field) return job and redis.call('HGET', K.rq_job .. job, field) or '' end

for i = 4, #ARGV do
  local key, live = K.rq_queue .. ARGV[i], '(' .. now
  queues[#queues + 1] = { redis.call('LLEN', key), of_job(redis.call('LINDEX', key, 0), 'enqueued_at'),
    redis.call('ZCOUNT', K.rq_started .. ARGV[i], live, '+inf'),
    redis.call('ZCOUNT', K.rq_failed .. ARGV[i], live, '+inf') }
end

local known = redis.call('SMEMBERS', K.rq_workers)
table.sort(known)
for _, key in ipairs(known) do
  if #workers >= most then break end
  local facts = redis.call('HGETALL', key)
  -- One that was killed is known until RQ looks after it; its hash is gone before.
  if #facts > 0 then
    local job = redis.call('HGET', key, 'current_job')
    workers[#workers + 1] = { key, facts, of_job(job, 'description'), of_job(job, 'started_at') }
  end
end
for _, gateway in ipairs(redis.call('HVALS', ARGV[1])) do
  retrying = retrying + redis.call('ZCARD', K.retrying .. gateway)
end
return { queues, workers, redis.call('EXISTS', K.sweeper), retrying }
