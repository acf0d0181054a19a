-- Settle attempts by what their connectors said.
-- ARGV: now; then for each: delivery, attempt, step (deliver, refuse, retry, exhaust), retry_at, note.
-- Returns 1 for each that was settled, 0 for each that was not the attempt in question any more.
-- Invariant: out of the stream, the state moved, counted, and due again if the duty goes on.
-- Run twice: the second time the state allows no such step.
local now, answers = tonumber(ARGV[1]), {}
for i = 2, #ARGV, 5 do
  local delivery, attempt, step = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local facts = redis.call('HMGET', K.delivery .. delivery, 'attempt', 'gateway', 'event', 'state', 'entry', 'sent_at')
  local settled = 0
  if facts[1] == attempt
      and move(delivery, facts[2], step, facts[4], 'note', ARGV[i + 4], 'settled_at', now) then
    if step == 'deliver' or step == 'refuse' then
      finish_delivery(delivery, facts[3], facts[5])
    else
      leave_stream(delivery, facts[5])
      remember_attempt(delivery, attempt, step == 'retry' and 'retry' or 'exhausted', facts[6], now, ARGV[i + 4])
      local due = step == 'retry' and tonumber(ARGV[i + 3]) or now
      redis.call('ZADD', K.due, due, 'd:' .. delivery)
      if step == 'retry' then redis.call('HSET', K.delivery .. delivery, 'retry_at', due) end
    end
    settled = 1
  end
  answers[#answers + 1] = settled
end
return answers
