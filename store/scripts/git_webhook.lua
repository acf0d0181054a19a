-- Reads the Git receiver of a gateway.
-- ARGV: the key of the gateways' names, a name or Gateway ID.
-- Returns: one row {webhook id, flat hash}, or none.
-- Invariant: reads only.
-- Run twice: changes nothing.
local gateway = redis.call('HGET', ARGV[1], ARGV[2]) or ARGV[2]
local id = redis.call('HGET', K.gateway .. gateway, 'git_webhook')
local fields = id and redis.call('HGETALL', K.webhook .. id) or {}
if #fields == 0 then return {} end
return {{id, fields}}
