-- Go off duty, so that a sweeper that stands by need not wait for the lease to end.
-- ARGV: sweeper.
-- Returns 1, or 0 when another one is on duty, or nobody.
-- Invariant: only who is on duty leaves it.
-- Run twice: the second time nobody leaves.
if redis.call('GET', K.sweeper) ~= ARGV[1] then return 0 end
redis.call('DEL', K.sweeper)
return 1
