-- Claim a tunnel's lease for a session; an older session of the same tunnel loses it.
-- ARGV: gateway, tunnel, session, now, lease_ms, the connector's name, address and version, number of subscriptions,
--       their ids; then for each delivery held: its id, attempt.
-- Returns how many deliveries went back to their streams; -1 when it is to serve what the gateway has no more: it
--       ended, or was removed, since it was looked for.
-- Invariant: what the tunnel has pending is what its connector holds; a tunnel that is back is not the last that left.
--       What a tunnel serves does not end. What is refused has changed nothing.
-- Run twice: the same lease, whatever has ended since; nothing more goes back.
local gateway, tunnel, now, subscriptions = ARGV[1], ARGV[2], tonumber(ARGV[4]), tonumber(ARGV[9])
local lease, serves, holding, back = K.tunnel .. gateway .. ':' .. tunnel, {}, {}, 0
for i = 10, 9 + subscriptions do serves[#serves + 1] = ARGV[i] end
for i = 10 + subscriptions, #ARGV, 2 do holding[ARGV[i]] = ARGV[i + 1] end
if redis.call('HGET', lease, 'session') ~= ARGV[3] then
  for _, subscription in ipairs(serves) do
    if redis.call('HGET', K.subscription .. subscription, 'gateway') ~= gateway then return -1 end
  end
end
local before = redis.call('HGET', lease, 'subscriptions')
for subscription in string.gmatch(before or '', '%S+') do
  if not contains(serves, subscription) then
    back = back + lapse(subscription, tunnel, {}, now)
    let_linger(gateway, subscription, now)
  end
end
for _, subscription in ipairs(serves) do
  back = back + lapse(subscription, tunnel, holding, now)
  keep_from_ending(gateway, subscription)
end
redis.call('HSET', lease, 'session', ARGV[3], 'subscriptions', table.concat(serves, ' '), 'connected_at', now,
  'seen_at', now, 'ends', now + ARGV[5], 'name', ARGV[6], 'address', ARGV[7], 'version', ARGV[8])
redis.call('HDEL', lease, 'left_at', 'round_trip_ms')
if redis.call('HGET', K.last_tunnel .. gateway, 'id') == tunnel then redis.call('DEL', K.last_tunnel .. gateway) end
redis.call('SADD', K.tunnels .. gateway, tunnel)
redis.call('ZADD', K.due, now + ARGV[5], 't:' .. gateway .. ':' .. tunnel)
return back
