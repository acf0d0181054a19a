-- Reads which webhooks of a gateway are paused.
-- ARGV: gateway.
-- Returns their names, sorted.
-- Invariant: reads only.
-- Run twice: changes nothing.
local paused, names = {}, redis.call('HGETALL', K.webhooks .. ARGV[1])
for i = 1, #names, 2 do
  if redis.call('HGET', K.webhook .. names[i + 1], 'paused') == '1' then paused[#paused + 1] = names[i] end
end
table.sort(paused)
return paused
