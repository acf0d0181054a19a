-- What is known of a tunnel after it left: the gateway remembers the one that left last.

local function remember_tunnel(gateway, tunnel, lease, left_at)
  local key = K.last_tunnel .. gateway
  if tonumber(redis.call('HGET', key, 'left_at') or '0') > left_at then return end
  local facts = redis.call('HMGET', lease, 'name', 'address', 'version', 'connected_at')
  redis.call('HSET', key, 'id', tunnel, 'name', facts[1] or '', 'address', facts[2] or '', 'version', facts[3] or '',
    'connected_at', facts[4] or left_at, 'left_at', left_at)
end
