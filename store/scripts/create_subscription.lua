-- Records a subscription, the routes that lead to it and the stream that its deliveries wait in.
-- ARGV: subscription id, Gateway ID, name, most subscriptions of a gateway without a limit of its
--   own, JSON list of webhook ids, JSON list of event type globs, timeout_s, created_at (Unix ms); then names and
--   values of what few have: senders (JSON list of keys), expression, linger_s.
-- Returns: 1; 0 when another subscription of the gateway has that name; -1 - N when the gateway has N, which is its limit;
--   or the id of the webhook that the gateway does not have.
-- Invariant: a route leads from each of its webhooks, all of the same gateway, to it; its stream has the group.
--   One that lingers is due at its end.
-- Run twice: changes nothing, and answers the same.
local id, gateway, name, most, webhooks = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), cjson.decode(ARGV[5])
local key, names = K.subscription .. id, K.subscriptions .. gateway
if redis.call('EXISTS', key) == 1 then return 1 end
if redis.call('HEXISTS', names, name) == 1 then return 0 end
most = tonumber(redis.call('HGET', K.gateway .. gateway, 'limit_subscriptions') or most)
if redis.call('HLEN', names) >= most then return -1 - most end
for _, webhook in ipairs(webhooks) do
  if redis.call('HGET', K.webhook .. webhook, 'gateway') ~= gateway then return webhook end
end
redis.call('XGROUP', 'CREATE', K.stream .. id, K.group, '0', 'MKSTREAM')
redis.call('HSET', key, 'gateway', gateway, 'name', name, 'webhooks', ARGV[5], 'event_types', ARGV[6],
  'timeout_s', ARGV[7], 'created_at', ARGV[8], unpack(ARGV, 9))
redis.call('HSET', names, name, id)
for _, webhook in ipairs(webhooks) do
  redis.call('SADD', K.routes .. webhook, id)
end
let_linger(gateway, id, tonumber(ARGV[8]))
-- A tunnel may still serve a removed subscription of this name.
redis.call('PUBLISH', K.bell, 'named ' .. gateway)
return 1
