-- Read the events that still wait, with their sealed requests. Reads only.
-- ARGV: event ids.
-- Returns for each that waits {event, gateway, webhook, at, the type it was born with ('' as a rule), sealed (nil
--       when the body is gone)}.
-- Invariant: nothing changes.
-- Run twice: the same answer.
local found, bodies = {}, {}
for _, event in ipairs(ARGV) do
  local facts = redis.call('HMGET', K.event .. event, 'state', 'gateway', 'webhook', 'at', 'type')
  if facts[1] == 'waiting' then
    found[#found + 1] = { event, facts[2], facts[3], tonumber(facts[4]), facts[5] or '' }
    bodies[#bodies + 1] = K.body .. event
  end
end
if #bodies > 0 then
  for i, sealed in ipairs(redis.call('MGET', unpack(bodies))) do found[i][6] = sealed end
end
return found
