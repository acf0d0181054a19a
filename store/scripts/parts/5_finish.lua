-- What happened in each minute, for charts: a hash for each hour of a gateway, its fields are minute and letter.
local CHARTED = { ['event:accepted'] = 'a', ['delivery:delivered'] = 'd', ['delivery:dead'] = 'f' }
local CHARTED_S = 26 * 3600

local function chart(gateway, what, by)
  local letter = CHARTED[what]
  if not letter or by <= 0 then return end
  local minute = math.floor(clock() / 60000)
  local key = K.minutes .. gateway .. ':' .. math.floor(minute / 60)
  redis.call('HINCRBY', key, minute % 60 .. letter, by)
  redis.call('EXPIRE', key, CHARTED_S)
end

-- What a script leaves to its end, so that many events cost one command.
local function finish()
  for gateway, amounts in pairs(tally) do
    for what, by in pairs(amounts) do
      if by ~= 0 then redis.call('HINCRBY', K.counts .. gateway, what, by) end
      chart(gateway, what, by)
    end
  end
  -- In shares: Lua can pass on a few thousand values at once.
  for i = 1, #gone_bodies, 1000 do redis.call('DEL', unpack(gone_bodies, i, math.min(i + 999, #gone_bodies))) end
  for i = 1, #not_due, 1000 do redis.call('ZREM', K.due, unpack(not_due, i, math.min(i + 999, #not_due))) end
  if decided > 0 then redis.call('DECRBY', K.waiting, decided) end
  for job in pairs(left_batches) do
    if redis.call('EXISTS', K.members .. job) == 0 then redis.call('DEL', K.batch .. job) end
  end
end

