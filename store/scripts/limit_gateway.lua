-- Changes the limits that a gateway has of its own, and reads them with what it has. Without changes: only reads.
-- ARGV: the key of the gateways' names, a name or Gateway ID; then for each change: the limit's name, its value
--       ('' = the server's again).
-- Returns: {Gateway ID, flat hash, webhooks, subscriptions, repos, stored events, stored bytes, deliveries in flight, waiting},
--       or nil when there is no such gateway.
-- Invariant: a limit holds for what is asked for from now on; what is there stays.
-- Run twice: changes nothing, and answers the same.
local id = redis.call('HGET', ARGV[1], ARGV[2]) or ARGV[2]
local key = K.gateway .. id
if redis.call('EXISTS', key) == 0 then return false end
for i = 3, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', key, 'limit_' .. ARGV[i])
  else
    redis.call('HSET', key, 'limit_' .. ARGV[i], ARGV[i + 1])
  end
end
local counts = redis.call('HMGET', K.counts .. id, 'stored:events', 'stored:bytes', 'delivery:in_flight',
  'event:waiting')
return { id, redis.call('HGETALL', key), redis.call('HLEN', K.webhooks .. id), redis.call('HLEN', K.subscriptions .. id),
  redis.call('HLEN', K.repos .. id),
  tonumber(counts[1] or 0), tonumber(counts[2] or 0), tonumber(counts[3] or 0),
  tonumber(counts[4] or 0) }
