-- Withdraws the access token of a gateway and tells the relays, which close its tunnels.
-- ARGV: the key of the gateways' names, a name or Gateway ID.
-- Returns: one row {Gateway ID, flat hash}, or none when there is no such gateway.
-- Invariant: a revoked gateway has no access key.
-- Run twice: changes nothing, rings no second time, and answers the same.
local id = redis.call('HGET', ARGV[1], ARGV[2]) or ARGV[2]
local key = K.gateway .. id
local token_hash = redis.call('HGET', key, 'token_hash')
if not token_hash then return {} end
if redis.call('HGET', key, 'revoked') ~= '1' then
  redis.call('HSET', key, 'revoked', '1')
  redis.call('DEL', K.access .. token_hash)
  redis.call('PUBLISH', K.bell, 'revoked ' .. id)
end
return {{id, redis.call('HGETALL', key)}}
