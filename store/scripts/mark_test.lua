-- Marks an event as a test that its owner had sent.
-- ARGV: Gateway ID, event id.
-- Returns: 1; 0 when the gateway has no such event.
-- Invariant: nothing becomes of it that would not have become of it otherwise.
-- Run twice: changes nothing, and answers the same.
if redis.call('HGET', K.event .. ARGV[2], 'gateway') ~= ARGV[1] then return 0 end
redis.call('HSET', K.event .. ARGV[2], 'test', 1)
return 1
