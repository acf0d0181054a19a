-- Some deliveries of a gateway that are dead or wait for a retry: those that came to it last first.
-- ARGV: gateway, 'dead' or 'retrying', the delivery after which to go on ('' = the newest) and when it came to that, how
--       many to look at, how many to answer (0 = count their notes), webhook, subscription, type (each '' = any; a type
--       that ends with '*' is a prefix), since when, until when (Unix ms).
-- Returns {1 when the list ends here, the last that was looked at, since when it is so, rows...}; a row is {delivery, since
--       when it is so, when it is due or '', {fields of the delivery}, webhook, type, at}; counted: {note, how many}.
-- Invariant: reads only.
-- Run twice: changes nothing.
local gateway, state, after, after_at = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local looks, rows, webhook, subscription, wanted = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7], ARGV[8], ARGV[9]
local since, till = tonumber(ARGV[10]), ARGV[11]
local list = K[state] .. gateway
local prefix = string.sub(wanted, -1) == '*' and string.sub(wanted, 1, -2)

-- Where a list goes on behind a delivery that has left it: many of a moment stand in the order of their names.
local function place_behind(delivery, at)
  local low, high = 0, redis.call('ZCARD', list)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local each = redis.call('ZRANGE', list, middle, middle, 'REV', 'WITHSCORES')
    local is_behind = tonumber(each[2]) < at or tonumber(each[2]) == at and each[1] < delivery
    if is_behind then high = middle else low = middle + 1 end
  end
  return low
end

local function first_place()
  local start = redis.call('ZCOUNT', list, '(' .. till, '+inf')
  return after == '' and start or math.max(start, place_behind(after, tonumber(after_at)))
end

-- What the delivery itself does not say is asked for only where it is needed: most calls count all there is.
local asks_event = rows > 0 or webhook ~= '' or wanted ~= ''

local function event_of(delivery)
  if subscription ~= '' and subscription_of(delivery) ~= subscription then return {} end
  if not asks_event then return { '' } end
  local event = 'evt_' .. string.match(delivery, '^dlv_([^_]+)_')
  return redis.call('HMGET', K.event .. event, 'webhook', 'type', 'at')
end

local function fits(about)
  if webhook ~= '' and about[1] ~= webhook then return false end
  local kind = about[2] or ''
  if prefix then return string.sub(kind, 1, #prefix) == prefix end
  return wanted == '' or kind == wanted
end

local start, notes = first_place(), {}
local found = redis.call('ZRANGE', list, start, start + looks - 1, 'REV', 'WITHSCORES')
local answer = { #found < 2 * looks and 1 or 0, after, after_at }
for i = 1, #found, 2 do
  local delivery, at = found[i], found[i + 1]
  if tonumber(at) < since then
    answer[1] = 1
    break
  end
  local about = event_of(delivery)
  if about[1] and fits(about) then
    if rows > 0 then
      local due = state == 'retrying' and redis.call('ZSCORE', K.due, 'd:' .. delivery)
      answer[#answer + 1] = { delivery, at, due or '', redis.call('HGETALL', K.delivery .. delivery), about[1],
        about[2] or '', about[3] }
    else
      local note = redis.call('HGET', K.delivery .. delivery, 'note') or ''
      notes[note] = (notes[note] or 0) + 1
    end
  end
  answer[2], answer[3] = delivery, at
  if rows > 0 and #answer - 3 >= rows then
    answer[1] = 0
    break
  end
end
for note, number in pairs(notes) do answer[#answer + 1] = { note, number } end
return answer
