-- What the RQ job does for a delivery: bring a due retry back to the stream, declare an exhausted delivery
-- dead, or - when a person requeued the failed job - replay a dead one.
-- ARGV: delivery, ticket (the job's id), run (a fresh id for each run of the job).
-- Returns {'resent' | 'dead' | 'replayed' | 'gone' (its body is) | 'stale', tries}.
-- Invariant: only the job whose ticket the delivery bears may move it; a replay takes the ticket away.
-- Run twice: a retry is resent once; who died in this run is dead. A dead delivery is replayed by another run of
--       its job, which only RQ's requeue brings about: the sweeper never enqueues a dead delivery.
local delivery, run = ARGV[1], ARGV[3]
local facts = redis.call('HMGET', K.delivery .. delivery, 'ticket', 'gateway', 'event', 'tries', 'state', 'died_in')
local gateway, event, tries = facts[2], facts[3], tonumber(facts[4] or '0')
if facts[1] ~= ARGV[2] then
  return { redis.call('EXISTS', K.delivery .. delivery) == 1 and 'stale' or 'gone', tries }
end
if facts[5] == 'dead' and facts[6] == run then return { 'dead', tries } end
if move(delivery, gateway, 'resend', facts[5], 'ticket', '') then
  redis.call('ZREM', K.due, 'd:' .. delivery)
  enter_stream(delivery)
  return { 'resent', tries }
end
if move(delivery, gateway, 'die', facts[5], 'died_in', run) then
  redis.call('ZREM', K.due, 'd:' .. delivery)
  return { 'dead', tries }
end
-- Given up while its job waited: nobody has to look at it.
if facts[5] == 'cancelled' or facts[5] == 'discarded' then return { 'stale', tries } end
-- A retry without its body goes on, too: the relay finds out, and it ends among the dead.
if redis.call('EXISTS', K.body .. event) == 0 then return { 'gone', tries } end
if move(delivery, gateway, 'replay', facts[5], 'ticket', '', 'tries', 0, 'lapses', 0) then
  redis.call('HINCRBY', K.delivery .. delivery, 'generation', 1)
  enter_stream(delivery)
  return { 'replayed', tries }
end
return { 'stale', tries }
