-- Close a batch: nothing is appended any more, and its worker learns what is in it.
-- ARGV: job id, now, stamp, recovery_ms, timeout_s, retention_ms, base of new job ids, batch_events, batch_bytes.
-- Returns {runs, event ids...}; runs counts the runs of this job, this one included.
-- Invariant: closing removes no ids; an id leaves when its own script decides about its event. Only a batch
--       that runs again hands its events on, one job each, because one of them may have broken the first run.
--       A worker that begins makes room in the queue: the lines are fed.
-- Run twice: counts as a second run, and splits. No event is lost or decided twice by that.
local job, now = ARGV[1], tonumber(ARGV[2])
local batch = K.batch .. job
local how = { now = now, stamp = ARGV[3], recovery_ms = tonumber(ARGV[4]), timeout_s = ARGV[5],
  retention_ms = tonumber(ARGV[6]), base = ARGV[7], events = tonumber(ARGV[8]), bytes = tonumber(ARGV[9]) }
local ids = redis.call('LRANGE', K.members .. job, 0, -1)
if #ids == 0 then
  redis.call('DEL', batch)
  feed(how)
  return { 0 }
end
local runs = redis.call('HINCRBY', batch, 'runs', 1)
redis.call('HSET', batch, 'closed', now)
local answer = { runs }
for i, event in ipairs(ids) do
  if runs > 1 and #ids > 1 then
    local facts = redis.call('HMGET', K.event .. event, 'crashes', 'at')
    leave_batch(event, job)
    enqueue_alone(event, how.base .. '-' .. i, tonumber(facts[1]) + 1, how.stamp, now, how.timeout_s,
      math.max(60, math.floor((tonumber(facts[2]) + how.retention_ms - now) / 1000)), how.recovery_ms)
  else
    answer[i + 1] = event
  end
end
feed(how)
return answer
