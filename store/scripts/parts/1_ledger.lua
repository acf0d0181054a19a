-- The ledger of a gateway: every change of state is counted in the script that makes it. Counts are gathered
-- and written once, when the script ends (`finish`, in 5_finish.lua).
local tally = {}

local function count(gateway, what, by)
  local amounts = tally[gateway]
  if not amounts then
    amounts = {}
    tally[gateway] = amounts
  end
  amounts[what] = (amounts[what] or 0) + by
end

-- Redis' own clock in Unix ms, the same throughout a script; for what is shown, never for what is decided.
local clock_ms
local function clock()
  if not clock_ms then
    local time = redis.call('TIME')
    clock_ms = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  return clock_ms
end

local function contains(list, item)
  for _, each in ipairs(list) do
    if each == item then return true end
  end
  return false
end
