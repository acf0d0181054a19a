-- Keeps a sealed Secret under its name.
-- ARGV: Gateway ID, name, the sealed value, most Secrets of a gateway.
-- Returns: 1; -1 - N when the gateway has N, which is the limit.
-- Invariant: a name leads to one value, the latest.
-- Run twice: changes nothing.
local secrets = K.secrets .. ARGV[1]
if redis.call('HEXISTS', secrets, ARGV[2]) == 0 and redis.call('HLEN', secrets) >= tonumber(ARGV[4]) then
  return -1 - tonumber(ARGV[4])
end
redis.call('HSET', secrets, ARGV[2], ARGV[3])
return 1
