-- Note that the connection of a tunnel is gone. Its lease goes on: the connector may be back before it ends.
-- ARGV: gateway, tunnel, session, now.
-- Returns 1, or 0 when the lease lapsed or belongs to a newer session.
-- Invariant: a tunnel without a connection is told as one that left, and still has all it had taken.
-- Run twice: the same.
local lease = K.tunnel .. ARGV[1] .. ':' .. ARGV[2]
if redis.call('HGET', lease, 'session') ~= ARGV[3] then return 0 end
redis.call('HSET', lease, 'left_at', ARGV[4])
remember_tunnel(ARGV[1], ARGV[2], lease, tonumber(ARGV[4]))
return 1
