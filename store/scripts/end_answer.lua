-- Ends what was begun under a key: its answer is kept, or the key is free again.
-- ARGV: Gateway ID, SHA-256 of the key, the mark of the run, until when the answer is kept (Unix ms), the sealed answer ('' =
--   nothing was done).
-- Returns: 1; 0 when the run is not under way (any more).
-- Invariant: only the run itself ends it, once.
-- Run twice: changes nothing; answers 0 when the key was set free.
local gateway, id, mark, until_ms, answer = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local key, all = K.answer .. gateway .. ':' .. id, K.answers .. gateway
local known = redis.call('HMGET', key, 'mark', 'answer')
if known[1] ~= mark then return 0 end
if known[2] then return 1 end
if answer == '' then
  redis.call('DEL', key)
  redis.call('ZREM', all, id)
  return 1
end
redis.call('HSET', key, 'answer', answer)
redis.call('PEXPIREAT', key, until_ms)
redis.call('ZADD', all, until_ms, id)
redis.call('PEXPIREAT', all, math.max(until_ms, redis.call('PEXPIRETIME', all)))
return 1
