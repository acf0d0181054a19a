-- Keeps a code that opens the dashboard once, in the name of an access token.
-- ARGV: SHA-256 of the code, SHA-256 of the access token, how long it may be used (ms), how many an access token may
--       have made in that time.
-- Returns: 1, or 0 when that many were made.
-- Invariant: a code stands for one access token, and nothing prolongs its life.
-- Run twice: changes nothing, and answers the same.
local key, made = K.sign_in .. ARGV[1], K.sign_in .. 'by:' .. ARGV[2]
if redis.call('EXISTS', key) == 1 then return 1 end
if tonumber(redis.call('GET', made) or '0') >= tonumber(ARGV[4]) then return 0 end
if redis.call('INCR', made) == 1 then redis.call('PEXPIRE', made, ARGV[3]) end
redis.call('HSET', key, 'token', ARGV[2])
redis.call('PEXPIRE', key, ARGV[3])
return 1
