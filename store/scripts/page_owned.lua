-- Reads webhooks or subscriptions of one gateway, a page at a time.
-- ARGV: 'webhook' or 'subscription', Gateway ID, the id after which the page begins ('' = at the first), how many
--   stand on it at most, what their names contain ('' = anything).
-- Returns: {the id after which the next page begins ('' = there is none), rows {id, flat hash}}, oldest first.
-- Invariant: reads only.
-- Run twice: changes nothing.
local kind, gateway, after, most, part = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local names, ids = redis.call('HGETALL', K[kind .. 's'] .. gateway), {}
for i = 1, #names, 2 do
  if names[i + 1] > after and (part == '' or string.find(names[i], part, 1, true)) then ids[#ids + 1] = names[i + 1] end
end
table.sort(ids)
local rows = {}
for i = 1, math.min(most, #ids) do
  local key = K[kind] .. ids[i]
  if redis.call('HGET', key, 'gateway') == gateway then rows[#rows + 1] = {ids[i], redis.call('HGETALL', key)} end
end
return {#ids > most and ids[most] or '', rows}
