-- Give an event that was set aside another chance: it waits again, blamed for nothing, and is due at once, so that
-- the sweeper gives it a job of its own. Whoever calls this needs no right to make jobs.
-- ARGV: gateway, event, mark (a fresh id), now.
-- Returns '' (the gateway has no such event), 'retried', 'gone' (its body is), or the state it is in instead.
-- Invariant: the ledger moves with the state, and what counts as stored stays stored.
-- Run twice: the event bears the mark already, so it is retried in words only.
local gateway, event, mark, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local facts = redis.call('HMGET', K.event .. event, 'gateway', 'state', 'retry')
if facts[1] ~= gateway then return '' end
if facts[3] == mark then return 'retried' end
if facts[2] ~= 'set_aside' then return facts[2] end
if redis.call('EXISTS', K.body .. event) == 0 then return 'gone' end
-- The mark stands in for a job that was lost before it began, which is nobody's fault.
redis.call('HSET', K.event .. event, 'state', 'waiting', 'job', mark, 'retry', mark, 'crashes', 0)
redis.call('HDEL', K.event .. event, 'decided_at')
redis.call('ZADD', K.due, now, 'e:' .. event)
redis.call('INCRBY', K.waiting, 1)
count(gateway, 'event:set_aside', -1)
count(gateway, 'event:waiting', 1)
return 'retried'
