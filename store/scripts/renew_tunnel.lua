-- Prolong the lease of a tunnel, whose connector has been heard.
-- ARGV: gateway, tunnel, session, now, lease_ms, round trip in ms ('' = not measured).
-- Returns 1, or 0 when the lease lapsed or belongs to a newer session.
-- Invariant: only the session that opened the lease prolongs it.
-- Run twice: the same lease.
local lease = K.tunnel .. ARGV[1] .. ':' .. ARGV[2]
if redis.call('HGET', lease, 'session') ~= ARGV[3] then return 0 end
redis.call('HSET', lease, 'ends', ARGV[4] + ARGV[5], 'seen_at', ARGV[4], 'round_trip_ms', ARGV[6])
redis.call('ZADD', K.due, ARGV[4] + ARGV[5], 't:' .. ARGV[1] .. ':' .. ARGV[2])
return 1
