-- Reads when the first retry of a gateway is due: in the past, when it is late. The sweeper puts off what it has given to
-- a job, so the due-set does not know; the delivery does. Of very many, those are looked at that wait longest.
-- ARGV: gateway.
-- Returns Unix ms, '' when none waits.
-- Invariant: reads only.
-- Run twice: changes nothing.
local LOOKS = 5000
local first
for _, delivery in ipairs(redis.call('ZRANGE', K.retrying .. ARGV[1], 0, LOOKS - 1)) do
  local at = tonumber(redis.call('HGET', K.delivery .. delivery, 'retry_at') or nil)
  if at and (not first or at < first) then first = at end
end
return first and string.format('%.0f', first) or ''
