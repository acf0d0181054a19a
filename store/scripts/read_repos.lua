-- Reads Git repos of one gateway by their names.
-- ARGV: Gateway ID, names.
-- Returns: rows {repo id, flat hash}, in the order of the names; of those that are there.
-- Invariant: reads only.
-- Run twice: changes nothing.
local rows = {}
for i = 2, #ARGV do
  local id = redis.call('HGET', K.repos .. ARGV[1], ARGV[i])
  if id then rows[#rows + 1] = { id, redis.call('HGETALL', K.repo .. id) } end
end
return rows
