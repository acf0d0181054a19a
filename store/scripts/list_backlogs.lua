-- How many deliveries are in the streams of subscriptions.
-- ARGV: subscription ids.
-- Returns for each {waiting, taken}: those that no tunnel has taken, and those that one has. Nothing for one that is gone.
-- Invariant: reads only.
-- Run twice: changes nothing.
local rows = {}
for i, subscription in ipairs(ARGV) do
  local stream, taken = K.stream .. subscription, 0
  local pending = redis.pcall('XPENDING', stream, K.group)
  if not pending.err then taken = pending[1] end
  rows[i] = { redis.call('XLEN', stream) - taken, taken }
end
return rows
