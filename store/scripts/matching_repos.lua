-- Reads of the Git repos that a push may mean what decides whether it is believed: anybody may ask this, so it is little.
-- ARGV: Gateway ID, the name of its global Secret, then SHA-256 of normal forms.
-- Returns: {rows {repo id, name, name of the Secret that vouches for its pushes, 1 when that is its own, 1 when it
--       believes where none is set up}, oldest first; flat: names of the Secrets and their sealed values}.
--       At most 1000 repos.
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
  local facts = redis.call('HMGET', K.repo .. id, 'name', 'webhook_secret', 'is_own', 'is_open')
  if facts[1] then
    rows[#rows + 1] = { id, unpack(facts) }
    add_secret(facts[2])
  end
end
if #rows > 0 then add_secret(ARGV[2]) end
return { rows, secrets }
