-- Reads webhooks or subscriptions of one gateway: all, or one by name, else by id.
-- ARGV: 'webhook' or 'subscription', Gateway ID, and optionally a name or id.
-- Returns: rows {id, flat hash}, oldest first. What another gateway owns is answered like what is unknown.
-- Invariant: reads only.
-- Run twice: changes nothing.
local kind, gateway, wanted = ARGV[1], ARGV[2], ARGV[3]
local names = K[kind .. 's'] .. gateway
local ids
if wanted then
  ids = {redis.call('HGET', names, wanted) or wanted}
else
  ids = redis.call('HVALS', names)
  table.sort(ids)
end
local rows = {}
for _, id in ipairs(ids) do
  local key = K[kind] .. id
  if redis.call('HGET', key, 'gateway') == gateway then
    rows[#rows + 1] = {id, redis.call('HGETALL', key)}
  end
end
return rows
