-- Keeps a code that opens the dashboard once, in the name of an access token.
-- ARGV: SHA-256 of the code, SHA-256 of the access token, how long it may be used (ms).
-- Returns: 1.
-- Invariant: a code stands for one access token, and nothing prolongs its life.
-- Run twice: changes nothing.
local key = K.sign_in .. ARGV[1]
if redis.call('HSETNX', key, 'token', ARGV[2]) == 1 then redis.call('PEXPIRE', key, ARGV[3]) end
return 1
