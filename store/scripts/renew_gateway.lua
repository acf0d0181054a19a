-- Gives a gateway, revoked or not, a new access token; the old one ends, and the relays look again.
-- ARGV: the key of the gateways' names, a name or Gateway ID, SHA-256 of the new access token.
-- Returns: one row {Gateway ID, flat hash}, or none when there is no such gateway.
-- Invariant: a gateway that is not revoked has one access key.
-- Run twice: changes nothing, rings no second time, and answers the same.
local id = redis.call('HGET', ARGV[1], ARGV[2]) or ARGV[2]
local key, token_hash = K.gateway .. id, ARGV[3]
local before = redis.call('HGET', key, 'token_hash')
if not before then return {} end
if before ~= token_hash then
  redis.call('DEL', K.access .. before)
  redis.call('HSET', key, 'revoked', '0', 'token_hash', token_hash)
  redis.call('SET', K.access .. token_hash, id)
  redis.call('PUBLISH', K.bell, 'revoked ' .. id)
end
return {{id, redis.call('HGETALL', key)}}
