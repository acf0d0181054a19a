-- Reads since when the oldest event of a gateway waits. The ledger says how many there are, so the event log is
-- looked at until all are found; of very many, where the last of them should be. 5000 entries are enough for both.
-- ARGV: gateway.
-- Returns Unix ms, '' when none waits, or none was found.
-- Invariant: reads only.
-- Run twice: changes nothing.
local LOOKS = 5000
local waiting = tonumber(redis.call('HGET', K.counts .. ARGV[1], 'event:waiting') or '0')
if waiting == 0 then return '' end
local list, found, oldest = K.log .. ARGV[1], 0, nil
-- That many stand before the oldest in any case. A log that is shorter than that begins with those that wait.
local start = waiting > LOOKS and math.min(waiting, redis.call('LLEN', list)) - 1 or 0
for _, event in ipairs(redis.call('LRANGE', list, start, start + LOOKS - 1)) do
  if redis.call('HGET', K.event .. event, 'state') == 'waiting' then
    oldest, found = event, found + 1
    if start == 0 and found == waiting then break end
  end
end
return oldest and redis.call('HGET', K.event .. oldest, 'at') or ''
