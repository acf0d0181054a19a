-- Forgets the networks that are kept of a named list.
-- ARGV: name.
-- Returns: nothing of interest.
-- Invariant: what came with the program holds again, or nothing does.
-- Run twice: changes nothing, and answers the same.
redis.call('HDEL', K.networks, ARGV[1])
return 1
