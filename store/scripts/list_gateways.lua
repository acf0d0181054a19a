-- Reads every gateway.
-- ARGV: the key of the gateways' names.
-- Returns: rows {Gateway ID, flat hash}, oldest first.
-- Invariant: reads only.
-- Run twice: changes nothing.
local ids = redis.call('HVALS', ARGV[1])
table.sort(ids)
local rows = {}
for _, id in ipairs(ids) do
  rows[#rows + 1] = {id, redis.call('HGETALL', K.gateway .. id)}
end
return rows
