-- Records a gateway and the hash of its access token.
-- ARGV: the key of the gateways' names, Gateway ID, name, created_at (Unix ms), SHA-256 of the access token,
--   expires_at (Unix ms, '' = never), '1' for an operator's, how many events its log keeps ('' = the server's number).
-- Returns: 1, or 0 when another gateway has that name.
-- Invariant: a name leads to one gateway; a gateway that is not revoked has one access key.
-- Run twice: changes nothing, and answers the same.
local gateways, id, name, created_at, token_hash, expires_at = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if redis.call('EXISTS', K.gateway .. id) == 1 then return 1 end
if redis.call('HSETNX', gateways, name, id) == 0 then return 0 end
redis.call('HSET', K.gateway .. id,
  'name', name, 'created_at', created_at, 'revoked', '0', 'token_hash', token_hash, 'expires_at', expires_at,
  'operator', ARGV[7])
redis.call('SET', K.access .. token_hash, id)
if ARGV[8] ~= '' then redis.call('HSET', K.gateway .. id, 'log_length', ARGV[8]) end
if expires_at ~= '' then redis.call('PEXPIREAT', K.access .. token_hash, expires_at) end
return 1
