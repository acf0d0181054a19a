-- Some events of the log of a gateway or webhook, newest first.
-- ARGV: whose log (Gateway ID or webhook id), gateway, the event after which to go on ('' = the newest), how many to look
--       at, how many to answer, type ('' = any; 'push*' = what begins so), an id of the moment since when ('' = any),
--       one of the moment until when ('' = any), states of which a fanned out event has to have one among its deliveries,
--       separated by spaces ('' = any); then the states that are wanted (none: any).
-- Returns {1 when the log ends here, the last event that was looked at, rows...}; a row is {event, webhook, type, state,
--       at, the states of its deliveries, separated by spaces}.
-- Invariant: reads only; nothing of another gateway is answered.
-- Run twice: changes nothing.
local list, gateway, after, looks, rows = K.log .. ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local wanted, since, till, owed, states = ARGV[6], ARGV[7], ARGV[8], {}, {}
for state in string.gmatch(ARGV[9], '%S+') do owed[state] = true end
for i = 10, #ARGV do states[ARGV[i]] = true end
local is_prefix = string.sub(wanted, -1) == '*'
local prefix = is_prefix and string.sub(wanted, 1, -2)

-- Where what is older than an id begins. Ids are in order but for some milliseconds: several write the list.
local function place_before(id)
  local low, high = 0, redis.call('LLEN', list)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if redis.call('LINDEX', list, middle) < id then high = middle else low = middle + 1 end
  end
  return low
end

local function first_place()
  local start = till == '' and 0 or place_before(till)
  if after == '' then return start end
  local found = redis.call('LPOS', list, after)
  return math.max(start, found and found + 1 or place_before(after))
end

local function fits(kind, state)
  if next(states) and not states[state] then return false end
  if is_prefix then return string.sub(kind, 1, #prefix) == prefix end
  return wanted == '' or kind == wanted
end

local function states_of(event, subscriptions)
  local found = {}
  for subscription in string.gmatch(subscriptions or '', '%S+') do
    found[#found + 1] = redis.call('HGET', K.delivery .. delivery_of(event, subscription), 'state') or 'expired'
  end
  return table.concat(found, ' ')
end

local function has_owed(state, told)
  if not next(owed) or state ~= 'fanned_out' then return true end
  for each in string.gmatch(told, '%S+') do
    if owed[each] then return true end
  end
  return false
end

-- What it is looked at by comes first: most of the log does not fit.
local function row_of(event)
  local facts = redis.call('HMGET', K.event .. event, 'gateway', 'type', 'state')
  if facts[1] ~= gateway or not fits(facts[2] or '', facts[3]) then return nil end
  local more = redis.call('HMGET', K.event .. event, 'webhook', 'at', 'subscriptions')
  local told = states_of(event, more[3])
  if not has_owed(facts[3], told) then return nil end
  return { event, more[1], facts[2] or '', facts[3], more[2], told }
end

local answer, start = { 0, after }, first_place()
local events = redis.call('LRANGE', list, start, start + looks - 1)
if #events < looks then answer[1] = 1 end
for _, event in ipairs(events) do
  if event < since then
    answer[1] = 1
    break
  end
  answer[#answer + 1] = row_of(event)
  answer[2] = event
  if #answer - 2 >= rows then
    answer[1] = 0
    break
  end
end
return answer
