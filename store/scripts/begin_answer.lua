-- Begins what is to be done once under a key that its caller chose, unless it was begun before.
-- Refused when Redis is full (no allow-oom): what could not be remembered is not begun.
-- ARGV: Gateway ID, SHA-256 of the key, SHA-256 of what is asked, a fresh mark of this run, now (Unix ms), for how long it
--   may run (ms), most keys of a gateway.
-- Returns: 'begun'; 'under_way'; 'reused' (the key was for something else); 'full' (too many keys); or {the answer, sealed}.
-- Invariant: under one key at most one run is under way, and what was answered is answered again.
-- Run twice: changes nothing, and answers the same until the run ends.
local gateway, id, asked, mark, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local key, all = K.answer .. gateway .. ':' .. id, K.answers .. gateway
local known = redis.call('HMGET', key, 'asked', 'mark', 'answer')
if known[1] then
  if known[1] ~= asked then return 'reused' end
  if known[3] then return {known[3]} end
  return known[2] == mark and 'begun' or 'under_way'
end
redis.call('ZREMRANGEBYSCORE', all, '-inf', now)
if redis.call('ZCARD', all) >= tonumber(ARGV[7]) then return 'full' end
redis.call('HSET', key, 'asked', asked, 'mark', mark)
redis.call('PEXPIREAT', key, now + ARGV[6])
redis.call('ZADD', all, now + ARGV[6], id)
redis.call('PEXPIREAT', all, math.max(now + ARGV[6], redis.call('PEXPIRETIME', all)))
return 'begun'
