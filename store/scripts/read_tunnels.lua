-- Read the tunnels of a gateway that have a connection.
-- ARGV: gateway.
-- Returns for each of them {tunnel, flat hash of its lease, names of the subscriptions that it serves}.
-- Invariant: reads only.
-- Run twice: changes nothing.
local rows, names = {}, {}

local function name_of(subscription)
  if names[subscription] == nil then
    names[subscription] = redis.call('HGET', K.subscription .. subscription, 'name')
  end
  return names[subscription]
end

for _, tunnel in ipairs(redis.call('SMEMBERS', K.tunnels .. ARGV[1])) do
  local lease = K.tunnel .. ARGV[1] .. ':' .. tunnel
  local facts = redis.call('HMGET', lease, 'subscriptions', 'left_at')
  if facts[1] and not facts[2] then
    local serves = {}
    for subscription in string.gmatch(facts[1], '%S+') do serves[#serves + 1] = name_of(subscription) or nil end
    rows[#rows + 1] = { tunnel, redis.call('HGETALL', lease), serves }
  end
end
return rows
