-- Records a webhook under its name and the hash of its URL token.
-- ARGV: webhook id, Gateway ID, name, SHA-256 of the URL token, most webhooks of a gateway without
--   a limit of its own, then names and values of the other fields.
-- Returns: 1; 0 when another webhook of the gateway has that name; -1 - N when the gateway has N, which is its limit.
-- Invariant: within a gateway a name leads to one webhook, and a token to one webhook.
-- Run twice: changes nothing, and answers the same.
local id, gateway, name, token_hash, most = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local key, names = K.webhook .. id, K.webhooks .. gateway
if redis.call('EXISTS', key) == 1 then return 1 end
if redis.call('HEXISTS', names, name) == 1 then return 0 end
most = tonumber(redis.call('HGET', K.gateway .. gateway, 'limit_webhooks') or most)
if redis.call('HLEN', names) >= most then return -1 - most end
redis.call('HSET', key, 'gateway', gateway, 'name', name, 'token_hash', token_hash, unpack(ARGV, 6))
redis.call('HSET', names, name, id)
redis.call('SET', K.token .. token_hash, id)
return 1
