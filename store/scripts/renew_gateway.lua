-- Gives a gateway, revoked or not, a new access token; the old one ends, now or after a time of grace. The relays
-- look again.
-- ARGV: the key of the gateways' names, a name or Gateway ID, SHA-256 of the new access token, its expires_at (Unix
--   ms, '' = never), when the old one ends at the latest (Unix ms, '' = now).
-- Returns: one row {Gateway ID, flat hash}, or none when there is no such gateway.
-- Invariant: two access keys of a gateway at most, and the older of them ends by itself. No old token lives longer
--   than it was to.
-- Run twice: changes nothing, rings no second time, and answers the same.
local id = redis.call('HGET', ARGV[1], ARGV[2]) or ARGV[2]
local key, token_hash, expires_at, old_until = K.gateway .. id, ARGV[3], ARGV[4], ARGV[5]
local before = redis.call('HMGET', key, 'token_hash', 'old_hash')
if not before[1] then return {} end
if before[1] ~= token_hash then
  if before[2] then redis.call('DEL', K.access .. before[2]) end
  redis.call('HDEL', key, 'old_hash', 'old_until')
  local old = K.access .. before[1]
  if old_until == '' then
    redis.call('DEL', old)
  elseif redis.call('EXISTS', old) == 1 then
    redis.call('PEXPIREAT', old, old_until, 'LT')
    redis.call('HSET', key, 'old_hash', before[1], 'old_until', redis.call('PEXPIRETIME', old))
  end
  redis.call('HSET', key, 'revoked', '0', 'token_hash', token_hash, 'expires_at', expires_at)
  redis.call('SET', K.access .. token_hash, id)
  if expires_at ~= '' then redis.call('PEXPIREAT', K.access .. token_hash, expires_at) end
  redis.call('PUBLISH', K.bell, 'revoked ' .. id)
end
return {{id, redis.call('HGETALL', key)}}
