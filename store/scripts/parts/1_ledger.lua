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

local function contains(list, item)
  for _, each in ipairs(list) do
    if each == item then return true end
  end
  return false
end
