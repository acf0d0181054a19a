-- Notes what a door has refused since it last said so, by webhook, reason and hour.
-- Refused when Redis is full (no allow-oom): it is not worth the room of an event.
-- ARGV: a fresh id of this note, now (Unix ms), then for each: webhook id, reason, how often, when last (Unix ms).
-- Returns: 1; 0 when this note was taken before.
-- Invariant: a note counts once. Nothing is remembered of webhooks that are gone, nor of hours before yesterday's.
-- Run twice: changes nothing.
local HOUR_MS, HOURS = 3600000, 24
local id, now = ARGV[1], tonumber(ARGV[2])
if not redis.call('SET', K.noted .. id, 1, 'NX', 'EX', 600) then return 0 end
local hour = math.floor(now / HOUR_MS)
for i = 3, #ARGV, 4 do
  local webhook, reason, times, last = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local key = K.refused .. webhook
  if redis.call('EXISTS', K.webhook .. webhook) == 1 then
    if redis.call('HINCRBY', key, hour .. ':' .. reason, times) == tonumber(times) then
      for _, field in ipairs(redis.call('HKEYS', key)) do
        local of = tonumber(string.match(field, '^(%d+):'))
        if of and of < hour - HOURS then redis.call('HDEL', key, field) end
      end
    end
    redis.call('HSET', key, 'last:' .. reason, last)
    redis.call('EXPIRE', key, (HOURS + 1) * 3600)
  end
end
return 1
