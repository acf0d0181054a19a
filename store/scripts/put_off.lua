-- Look later at events that wait: what deciding about them needs will be there then.
-- ARGV: when they are due, event ids.
-- Returns how many of them wait.
-- Invariant: only what waits is put off, and nothing is due earlier than it was. That it was not decided counts as
--       any other failure of its job, so that it does not wait for ever.
-- Run twice: due at the same time.
local waiting = 0
for i = 2, #ARGV do
  if redis.call('HGET', K.event .. ARGV[i], 'state') == 'waiting' then
    redis.call('ZADD', K.due, 'XX', 'GT', ARGV[1], 'e:' .. ARGV[i])
    waiting = waiting + 1
  end
end
return waiting
