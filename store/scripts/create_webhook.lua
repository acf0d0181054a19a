-- Records a webhook under its name and the hash of its URL token.
-- ARGV: webhook id, Gateway ID, name, SHA-256 of the URL token, most webhooks of a gateway without
--   a limit of its own, 1 when it is a Git receiver else 0, then names and values of the other fields.
-- Returns: 1; 0 when another webhook of the gateway has that name; -1 - N when the gateway has N, which is its limit;
--   'git' when it has another Git receiver.
-- Invariant: within a gateway a name leads to one webhook, and a token to one webhook. A gateway has one Git receiver
--   at most.
-- Run twice: changes nothing, and answers the same.
local id, gateway, name, token_hash, most = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local key, names = K.webhook .. id, K.webhooks .. gateway
if redis.call('EXISTS', key) == 1 then return 1 end
if redis.call('HEXISTS', names, name) == 1 then return 0 end
if ARGV[6] == '1' and redis.call('HEXISTS', K.gateway .. gateway, 'git_webhook') == 1 then return 'git' end
most = tonumber(redis.call('HGET', K.gateway .. gateway, 'limit_webhooks') or most)
if redis.call('HLEN', names) >= most then return -1 - most end
redis.call('HSET', key, 'gateway', gateway, 'name', name, 'token_hash', token_hash, unpack(ARGV, 7))
redis.call('HSET', names, name, id)
redis.call('SET', K.token .. token_hash, id)
if ARGV[6] == '1' then redis.call('HSET', K.gateway .. gateway, 'git_webhook', id) end
return 1
