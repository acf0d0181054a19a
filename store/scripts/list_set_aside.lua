-- The events of a gateway that are set aside, newest first, among the latest 10,000 of its event log.
-- ARGV: gateway, how many at most.
-- Returns event ids.
-- Invariant: reads only.
-- Run twice: changes nothing.
local found, most = {}, tonumber(ARGV[2])
for _, event in ipairs(redis.call('LRANGE', K.log .. ARGV[1], 0, 9999)) do
  if #found >= most then break end
  if redis.call('HGET', K.event .. event, 'state') == 'set_aside' then found[#found + 1] = event end
end
return found
