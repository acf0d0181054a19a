-- Reads the gateway that an access token opens.
-- ARGV: SHA-256 of the access token.
-- Returns: one row {Gateway ID, flat hash}, or none when the token is unknown or revoked.
-- Invariant: reads only.
-- Run twice: changes nothing.
local id = redis.call('GET', K.access .. ARGV[1])
if not id or redis.call('HGET', K.gateway .. id, 'revoked') ~= '0' then return {} end
return {{id, redis.call('HGETALL', K.gateway .. id)}}
