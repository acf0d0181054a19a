-- Reads a webhook or subscription of one gateway, by name, else by id.
-- ARGV: 'webhook' or 'subscription', Gateway ID, a name or id.
-- Returns: one row {id, flat hash}, or none. What another gateway owns is answered like what is unknown.
-- Invariant: reads only.
-- Run twice: changes nothing.
local kind, gateway, wanted = ARGV[1], ARGV[2], ARGV[3]
local id = redis.call('HGET', K[kind .. 's'] .. gateway, wanted) or wanted
local key = K[kind] .. id
if redis.call('HGET', key, 'gateway') ~= gateway then return {} end
return {{id, redis.call('HGETALL', key)}}
