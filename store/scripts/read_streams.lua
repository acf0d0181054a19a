-- Reads what waits for each subscription of a gateway, and what tunnels hold of it.
-- ARGV: gateway.
-- Returns for each, oldest first, {id, name, waiting, in tunnels, entry of the first that waits or ''}. The first
--       part of an entry's name is the Unix ms at which it entered the stream.
-- Invariant: reads only.
-- Run twice: changes nothing.
local rows, ids = {}, redis.call('HVALS', K.subscriptions .. ARGV[1])
table.sort(ids)
for _, id in ipairs(ids) do
  local stream, pending, first = K.stream .. id, 0, ''
  local length = redis.call('XLEN', stream)
  local groups = length > 0 and redis.call('XINFO', 'GROUPS', stream)[1] or {}
  local about = {}
  for i = 1, #groups, 2 do about[groups[i]] = groups[i + 1] end
  pending = about.pending or 0
  if length > pending then
    local entry = redis.call('XRANGE', stream, '(' .. (about['last-delivered-id'] or '0-0'), '+', 'COUNT', 1)[1]
    first = entry and entry[1] or ''
  end
  rows[#rows + 1] = { id, redis.call('HGET', K.subscription .. id, 'name') or '', math.max(0, length - pending),
    pending, first }
end
return rows
