-- Leaves polls of Git repos to other workers.
-- ARGV: now; then for each: repo id, the job that holds its lease.
-- Returns: 1.
-- Invariant: each is due now, unless another job holds its lease by now.
-- Run twice: changes nothing.
for i = 2, #ARGV, 2 do
  local id = ARGV[i]
  local facts = redis.call('HMGET', K.repo .. id, 'poll', 'gateway', 'source', 'asked')
  if facts[1] == ARGV[i + 1] then
    redis.call('HSET', K.repo .. id, 'poll', '', 'leased_until', '', 'asked', facts[4] ~= '' and facts[4] or facts[3])
    redis.call('ZREM', K.polls, id)
    redis.call('ZREM', K.polling .. facts[2], id)
    redis.call('ZADD', K.due, ARGV[1], 'g:' .. id)
  end
end
return 1
