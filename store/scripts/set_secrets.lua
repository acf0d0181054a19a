-- Replaces the signing secrets of a webhook.
-- ARGV: Gateway ID, webhook id, sealed secrets.
-- Returns: 1, or 0 when the gateway has no such webhook.
-- Invariant: the version grows with every change.
-- Run twice: changes nothing, and answers the same. (No two sealed values are equal, so equal ones are the
--   same call.)
local gateway, sealed = ARGV[1], ARGV[3]
local key = K.webhook .. ARGV[2]
if redis.call('HGET', key, 'gateway') ~= gateway then return 0 end
if redis.call('HGET', key, 'secrets') ~= sealed then
  redis.call('HSET', key, 'secrets', sealed)
  redis.call('HINCRBY', key, 'version', 1)
end
return 1
