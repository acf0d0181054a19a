-- Deletes a webhook; what it left behind is due for the sweeper.
-- ARGV: Gateway ID, webhook id, now (Unix ms).
-- Returns: 1, or 0 when the gateway has no such webhook.
-- Invariant: its token leads nowhere from now on, and its secrets are gone. Its routes stay until the sweeper
--   has cancelled its deliveries.
-- Run twice: changes nothing; answers 0.
local gateway, id, now = ARGV[1], ARGV[2], ARGV[3]
local key = K.webhook .. id
if redis.call('HGET', key, 'gateway') ~= gateway then return 0 end
redis.call('HDEL', K.webhooks .. gateway, redis.call('HGET', key, 'name'))
redis.call('DEL', K.token .. redis.call('HGET', key, 'token_hash'), K.rate .. id, K.matched .. id,
  K.log .. id, K.refused .. id, key)
if redis.call('HGET', K.gateway .. gateway, 'git_webhook') == id then
  redis.call('HDEL', K.gateway .. gateway, 'git_webhook')
end
redis.call('ZADD', K.due, now, 'w:' .. gateway .. ':' .. id)
return 1
