-- The event log: ids of events, newest first, in a list for each gateway and in one for each webhook. It forgets by
-- number and by age. `log`: length = ids that a list keeps, life_ms = for how long. The list of a webhook forgets when
-- the records of its gateway end: ids alone tell nobody anything.
local DIGITS, TIME_CHARS = '0123456789abcdefghjkmnpqrstvwxyz', 9

-- When an id was made, Unix ms: the first nine characters after its prefix (domain.ids).
local function time_of(id)
  local time = 0
  for each in string.gmatch(string.sub(id, 5, 4 + TIME_CHARS), '.') do
    time = time * 32 + string.find(DIGITS, each, 1, true) - 1
  end
  return time
end

-- For how long the records of events that come now are to outlive their bodies, in seconds: as long as the log will
-- have them. A full one forgets by number, about as fast as it did; twice that, since the pace changes.
local function life_s(gateway, log, now)
  local life_ms = log.life_ms
  if redis.call('LLEN', K.log .. gateway) >= log.length then
    local oldest = redis.call('LINDEX', K.log .. gateway, -1)
    life_ms = math.min(life_ms, oldest and 2 * (now - time_of(oldest)) or 0)
  end
  return math.max(GUARD_S, math.floor(life_ms / 1000))
end

-- Events that were accepted just now, in their order. Few are forgotten by age at a time: more come with the next.
local function log_events(owner, events, log, now)
  local list = K.log .. owner
  if log.length == 0 then return end
  redis.call('LPUSH', list, unpack(events))
  redis.call('LTRIM', list, 0, log.length - 1)
  redis.call('PEXPIRE', list, log.life_ms)
  for _ = 1, 2 * #events + 8 do
    local oldest = redis.call('LINDEX', list, -1)
    if not oldest or time_of(oldest) >= now - log.life_ms then break end
    redis.call('RPOP', list)
  end
end
