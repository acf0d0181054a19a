-- Keeps the signing secret that a sender handed over in its handshake.
-- ARGV: Gateway ID, webhook id, the sealed secrets so far, the sealed secrets from now on.
-- Returns: 1, or 0 when the secrets are not those any more, or the gateway has no such webhook.
-- Invariant: a secret never takes the place of one that the caller has not seen; the version grows with every
--   change.
-- Run twice: changes nothing, and answers the same. (No two sealed values are equal, so equal ones are the
--   same call.)
local before, after = ARGV[3], ARGV[4]
local key = K.webhook .. ARGV[2]
if redis.call('HGET', key, 'gateway') ~= ARGV[1] then return 0 end
local now = redis.call('HGET', key, 'secrets')
if now == after then return 1 end
if now ~= before then return 0 end
redis.call('HSET', key, 'secrets', after)
redis.call('HINCRBY', key, 'version', 1)
return 1
