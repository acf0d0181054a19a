-- Subscriptions that end by themselves: in the due-set stands when, unless a tunnel serves them.

local function linger_ms(subscription)
  return tonumber(redis.call('HGET', K.subscription .. subscription, 'linger_s') or '0') * 1000
end

local function ends_at(gateway, subscription, now, length_ms)
  if length_ms > 0 then redis.call('ZADD', K.due, now + length_ms, 's:' .. gateway .. ':' .. subscription) end
end

-- A tunnel serves it no more: unless another one does, its time begins.
local function let_linger(gateway, subscription, now)
  ends_at(gateway, subscription, now, linger_ms(subscription))
end

-- A tunnel serves it. What was removed stays due: its deliveries are yet to be cancelled.
local function keep_from_ending(gateway, subscription)
  if linger_ms(subscription) > 0 then redis.call('ZREM', K.due, 's:' .. gateway .. ':' .. subscription) end
end

local function is_served(gateway, subscription)
  for _, tunnel in ipairs(redis.call('SMEMBERS', K.tunnels .. gateway)) do
    local serves = redis.call('HGET', K.tunnel .. gateway .. ':' .. tunnel, 'subscriptions')
    if serves and string.find(' ' .. serves .. ' ', ' ' .. subscription .. ' ', 1, true) then return true end
  end
  return false
end

-- No route leads to it from now on. False when the gateway has none such.
local function take_away_subscription(gateway, subscription)
  local key = K.subscription .. subscription
  if redis.call('HGET', key, 'gateway') ~= gateway then return false end
  redis.call('HDEL', K.subscriptions .. gateway, redis.call('HGET', key, 'name'))
  for _, webhook in ipairs(cjson.decode(redis.call('HGET', key, 'webhooks'))) do
    redis.call('SREM', K.routes .. webhook, subscription)
  end
  redis.call('DEL', key)
  return true
end
