-- The ledger of a gateway: every change of state is counted in the script that makes it.
local function count(gateway, what, by)
  if by ~= 0 then redis.call('HINCRBY', K.counts .. gateway, what, by) end
end

local function contains(list, item)
  for _, each in ipairs(list) do
    if each == item then return true end
  end
  return false
end
