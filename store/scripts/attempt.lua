-- What the RQ job of a delivery does: bring a due retry back to the stream, declare an exhausted delivery
-- dead, or - when a person requeued the failed job - replay a dead one.
-- ARGV: delivery, ticket (the job's id), now.
-- Returns {'resent' | 'dead' | 'replayed' | 'gone' (its body is) | 'stale', tries}.
-- Invariant: only the job whose ticket the delivery bears may move it; a replay takes the ticket away.
-- Run twice: a retry is resent once. A dead delivery is replayed by its job's second run, which only
--       RQ's requeue brings about: the sweeper never enqueues a dead delivery.
local delivery, now = ARGV[1], tonumber(ARGV[3])
local facts = redis.call('HMGET', K.delivery .. delivery, 'ticket', 'gateway', 'event', 'tries')
local gateway, event, tries = facts[2], facts[3], tonumber(facts[4] or '0')
if facts[1] ~= ARGV[2] then
  return { redis.call('EXISTS', K.delivery .. delivery) == 1 and 'stale' or 'gone', tries }
end
if move(delivery, gateway, 'resend') then
  redis.call('ZREM', K.due, 'd:' .. delivery)
  redis.call('HSET', K.delivery .. delivery, 'ticket', '')
  enter_stream(delivery)
  return { 'resent', tries }
end
if move(delivery, gateway, 'die') then
  redis.call('ZREM', K.due, 'd:' .. delivery)
  return { 'dead', tries }
end
-- A retry without its body goes on, too: the relay finds out, and it ends among the dead.
if redis.call('EXISTS', K.body .. event) == 0 then return { 'gone', tries } end
if move(delivery, gateway, 'replay') then
  redis.call('HSET', K.delivery .. delivery, 'ticket', '', 'tries', 0, 'lapses', 0)
  redis.call('HINCRBY', K.delivery .. delivery, 'generation', 1)
  enter_stream(delivery)
  return { 'replayed', tries }
end
return { 'stale', tries }
