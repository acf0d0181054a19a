-- Reads the gateway that an access token opens, and for how long.
-- ARGV: SHA-256 of the access token.
-- Returns: {Gateway ID, flat hash, milliseconds until the token ends or -1}, or nil when the token is unknown, ended or
--   revoked.
-- Invariant: reads only.
-- Run twice: changes nothing.
local key = K.access .. ARGV[1]
local id = redis.call('GET', key)
if not id or redis.call('HGET', K.gateway .. id, 'revoked') ~= '0' then return false end
return {id, redis.call('HGETALL', K.gateway .. id), redis.call('PTTL', key)}
