-- Removes a subscription; its stream and the deliveries in it are due for the sweeper.
-- ARGV: Gateway ID, subscription id, now (Unix ms).
-- Returns: 1, or 0 when the gateway has no such subscription.
-- Invariant: no route leads to it from now on.
-- Run twice: changes nothing; answers 0.
local gateway, id, now = ARGV[1], ARGV[2], ARGV[3]
local key = K.subscription .. id
if redis.call('HGET', key, 'gateway') ~= gateway then return 0 end
redis.call('HDEL', K.subscriptions .. gateway, redis.call('HGET', key, 'name'))
for _, webhook in ipairs(cjson.decode(redis.call('HGET', key, 'webhooks'))) do
  redis.call('SREM', K.routes .. webhook, id)
end
redis.call('DEL', key)
redis.call('ZADD', K.due, now, 's:' .. gateway .. ':' .. id)
return 1
