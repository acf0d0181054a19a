-- Withdraws the access tokens of a gateway and tells the relays, which close its tunnels.
-- ARGV: the key of the gateways' names, a name or Gateway ID.
-- Returns: one row {Gateway ID, flat hash}, or none when there is no such gateway.
-- Invariant: a revoked gateway has no access key.
-- Run twice: changes nothing, rings no second time, and answers the same.
local id = redis.call('HGET', ARGV[1], ARGV[2]) or ARGV[2]
local key = K.gateway .. id
local hashes = redis.call('HMGET', key, 'token_hash', 'old_hash')
if not hashes[1] then return {} end
if redis.call('HGET', key, 'revoked') ~= '1' then
  redis.call('HSET', key, 'revoked', '1')
  redis.call('HDEL', key, 'old_hash', 'old_until')
  redis.call('DEL', K.access .. hashes[1], K.access .. (hashes[2] or hashes[1]))
  redis.call('PUBLISH', K.bell, 'revoked ' .. id)
end
return {{id, redis.call('HGETALL', key)}}
