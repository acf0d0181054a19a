-- Changes fields of a webhook: who may send to it.
-- ARGV: Gateway ID, webhook id, then names and values of the fields.
-- Returns: 1, or 0 when the gateway has no such webhook.
-- Invariant: the version grows with every change.
-- Run twice: changes nothing, and answers the same.
local key = K.webhook .. ARGV[2]
if redis.call('HGET', key, 'gateway') ~= ARGV[1] then return 0 end
local changed = false
for i = 3, #ARGV, 2 do
  if redis.call('HGET', key, ARGV[i]) ~= ARGV[i + 1] then
    redis.call('HSET', key, ARGV[i], ARGV[i + 1])
    changed = true
  end
end
if changed then redis.call('HINCRBY', key, 'version', 1) end
return 1
