-- Reads the webhook behind a URL token.
-- ARGV: SHA-256 of the URL token.
-- Returns: one row {webhook id, flat hash}, or none.
-- Invariant: reads only.
-- Run twice: changes nothing.
local id = redis.call('GET', K.token .. ARGV[1])
if not id then return {} end
local fields = redis.call('HGETALL', K.webhook .. id)
if #fields == 0 then return {} end
return {{id, fields}}
