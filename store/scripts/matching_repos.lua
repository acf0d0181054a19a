-- Reads the Git repos that a push may mean, with the Secrets that may vouch for it.
-- ARGV: Gateway ID, the name of its global Secret, then SHA-256 of normal forms.
-- Returns: {rows {repo id, flat hash}, oldest first; flat: names of Secrets and their sealed values}. At most 1000 repos.
-- Invariant: reads only.
-- Run twice: changes nothing.
local MOST = 1000
local gateway, rows, found, secrets = ARGV[1], {}, {}, {}
local function add_secret(name)
  local sealed = not found[name] and redis.call('HGET', K.secrets .. gateway, name)
  if not sealed then return end
  found[name] = true
  secrets[#secrets + 1] = name
  secrets[#secrets + 1] = sealed
end
local ids = {}
for i = 3, #ARGV do
  for _, id in ipairs(redis.call('SMEMBERS', K.repos_at .. gateway .. ':' .. ARGV[i])) do
    if not found[id] and #ids < MOST then
      found[id] = true
      ids[#ids + 1] = id
    end
  end
end
table.sort(ids)
for _, id in ipairs(ids) do
  local fields = redis.call('HGETALL', K.repo .. id)
  if #fields > 0 then
    rows[#rows + 1] = { id, fields }
    add_secret(redis.call('HGET', K.repo .. id, 'webhook_secret'))
  end
end
if #rows > 0 then add_secret(ARGV[2]) end
return { rows, secrets }
