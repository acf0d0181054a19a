-- Removes a subscription; its stream and the deliveries in it are due for the sweeper.
-- ARGV: Gateway ID, subscription id, now (Unix ms).
-- Returns: 1, or 0 when the gateway has no such subscription.
-- Invariant: no route leads to it from now on.
-- Run twice: changes nothing; answers 0.
local gateway, id, now = ARGV[1], ARGV[2], ARGV[3]
if not take_away_subscription(gateway, id) then return 0 end
redis.call('ZADD', K.due, now, 's:' .. gateway .. ':' .. id)
return 1
