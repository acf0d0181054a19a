-- Makes a gateway an operator's, or takes that away: an operator sees and stops what all gateways share.
-- ARGV: the key of the gateways' names, a name or Gateway ID, '1' or '0'.
-- Returns: one row {Gateway ID, flat hash}, or none when there is no such gateway.
-- Invariant: counts from the next request on, since nobody remembers a gateway.
-- Run twice: changes nothing, and answers the same.
local id = redis.call('HGET', ARGV[1], ARGV[2]) or ARGV[2]
local key = K.gateway .. id
if redis.call('EXISTS', key) == 0 then return {} end
redis.call('HSET', key, 'operator', ARGV[3])
return {{id, redis.call('HGETALL', key)}}
