-- Give an event that was set aside another chance: it waits again, in a job of its own, blamed for nothing.
-- ARGV: gateway, event, job (a fresh id), now, stamp, recovery_ms, timeout_s, retention_ms.
-- Returns '' (the gateway has no such event), 'retried', 'gone' (its body is), or the state it is in instead.
-- Invariant: the ledger moves with the state, and what counts as stored stays stored. It leaves the event log
--       until it is decided again.
-- Run twice: the event bears the job's id already, so it is retried in words only.
local gateway, event, job, now = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local facts = redis.call('HMGET', K.event .. event, 'gateway', 'state', 'at', 'job')
if facts[1] ~= gateway then return '' end
if facts[4] == job then return 'retried' end
if facts[2] ~= 'set_aside' then return facts[2] end
if redis.call('EXISTS', K.body .. event) == 0 then return 'gone' end
redis.call('HSET', K.event .. event, 'state', 'waiting')
redis.call('HDEL', K.event .. event, 'decided_at')
redis.call('INCRBY', K.waiting, 1)
count(gateway, 'event:set_aside', -1)
count(gateway, 'event:waiting', 1)
redis.call('LREM', K.log .. gateway, 1, event)
enqueue_alone(event, job, 0, ARGV[5], now, ARGV[7],
  math.max(60, math.floor((tonumber(facts[3]) + tonumber(ARGV[8]) - now) / 1000)), tonumber(ARGV[6]))
return 'retried'
