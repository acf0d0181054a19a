-- Keeps a sealed Secret under its name. Repos that fail and are opened with it are polled at once.
-- ARGV: Gateway ID, name, the sealed value, most Secrets of a gateway, base of new job ids, now, stamp.
-- Returns: 1; -1 - N when the gateway has N, which is the limit.
-- Invariant: a name leads to one value, the latest.
-- Run twice: changes nothing: the polls wait already.
local gateway, name, sealed, most, base = unpack(ARGV, 1, 5)
local now, stamp = tonumber(ARGV[6]), ARGV[7]
local secrets = K.secrets .. gateway
if redis.call('HEXISTS', secrets, name) == 0 and redis.call('HLEN', secrets) >= tonumber(most) then
  return -1 - tonumber(most)
end
redis.call('HSET', secrets, name, sealed)
for number, repo in ipairs(redis.call('HVALS', K.repos .. gateway)) do
  local facts = redis.call('HMGET', K.repo .. repo, 'client_secret', 'error')
  if facts[1] == name and facts[2] and facts[2] ~= '' then
    request_poll(repo, 'sync', base .. '-' .. number, now, stamp)
  end
end
return 1
