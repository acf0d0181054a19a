-- Polls a Git repo now, whatever it has failed at before.
-- ARGV: Gateway ID, name, a fresh job id, now, stamp.
-- Returns: 1, or 0 when the gateway has no such repo.
-- Invariant: a poll begins after this, now or when the one under way has ended.
-- Run twice: changes nothing: the poll waits already.
local id = redis.call('HGET', K.repos .. ARGV[1], ARGV[2])
if not id then return 0 end
request_poll(id, 'sync', ARGV[3], tonumber(ARGV[4]), ARGV[5])
return 1
