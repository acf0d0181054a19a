-- Keeps the networks of a named list in place of those it had.
-- ARGV: name, the list as JSON, most lists that are kept.
-- Returns: 1, or 0 when there are too many lists.
-- Invariant: a name has one list.
-- Run twice: changes nothing, and answers the same.
local name, list, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
if redis.call('HEXISTS', K.networks, name) == 0 and redis.call('HLEN', K.networks) >= most then return 0 end
redis.call('HSET', K.networks, name, list)
return 1
