-- Uses up a code that opens the dashboard.
-- ARGV: SHA-256 of the code, a fresh id of whoever uses it.
-- Returns: SHA-256 of the access token in whose name it opens, or nil when it is unknown, ended or used by another.
-- Invariant: one user for each code, for ever.
-- Run twice: changes nothing, and answers the same.
local key = K.sign_in .. ARGV[1]
local token = redis.call('HGET', key, 'token')
if not token then return false end
redis.call('HSETNX', key, 'used_by', ARGV[2])
if redis.call('HGET', key, 'used_by') ~= ARGV[2] then return false end
return token
