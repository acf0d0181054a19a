-- Give the lease of a tunnel back, and all it had taken.
-- ARGV: gateway, tunnel, session ('' = whoever holds it, if the lease has ended), now.
-- Returns 1, or 0 when there was nothing of that session to close.
-- Invariant: a closed tunnel has nothing pending and is no consumer of any stream; it left when its connection was
--       lost, when it was seen last, or now.
-- Run twice: the second time there is no lease.
local gateway, tunnel = ARGV[1], ARGV[2]
local lease = K.tunnel .. gateway .. ':' .. tunnel
local facts = redis.call('HMGET', lease, 'session', 'subscriptions', 'ends', 'left_at', 'seen_at')
local member = 't:' .. gateway .. ':' .. tunnel
if not facts[1] then
  redis.call('ZREM', K.due, member)
  return 0
end
if ARGV[3] == '' then
  if tonumber(facts[3]) > tonumber(ARGV[4]) then return 0 end
elseif facts[1] ~= ARGV[3] then
  return 0
end
for subscription in string.gmatch(facts[2], '%S+') do
  lapse(subscription, tunnel, {}, tonumber(ARGV[4]))
  redis.pcall('XGROUP', 'DELCONSUMER', K.stream .. subscription, K.group, tunnel)
  let_linger(gateway, subscription, tonumber(ARGV[4]))
end
remember_tunnel(gateway, tunnel, lease, tonumber(facts[4] or ARGV[3] == '' and facts[5] or ARGV[4]))
redis.call('DEL', lease)
redis.call('SREM', K.tunnels .. gateway, tunnel)
redis.call('ZREM', K.due, member)
return 1
