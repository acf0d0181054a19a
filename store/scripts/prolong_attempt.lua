-- Prolong attempts whose connectors have said that they still work.
-- ARGV: now; then for each: gateway, tunnel, session, delivery, attempt, timeout_s.
-- Returns 1 for each that is under way, 0 for each that is not the attempt in question (any more).
-- Invariant: only who holds the lease prolongs, and only what that tunnel has taken; a deadline never comes nearer,
--       and an attempt is never prolonged beyond ATTEMPT.longest_ms after it began.
-- Run twice: the same deadlines.
local now, answers = tonumber(ARGV[1]), {}
for i = 2, #ARGV, 6 do
  local gateway, tunnel, delivery = ARGV[i], ARGV[i + 1], ARGV[i + 3]
  local session = redis.call('HGET', K.tunnel .. gateway .. ':' .. tunnel, 'session')
  local facts = redis.call('HMGET', K.delivery .. delivery, 'state', 'gateway', 'tunnel', 'attempt', 'sent_at')
  local is_under_way = session == ARGV[i + 2] and facts[1] == 'sent' and facts[2] == gateway and facts[3] == tunnel
    and facts[4] == ARGV[i + 4]
  if is_under_way then
    local ends = math.min(now + tonumber(ARGV[i + 5]) * 1000, tonumber(facts[5]) + ATTEMPT.longest_ms)
    redis.call('ZADD', K.due, 'XX', 'GT', ends + ATTEMPT.grace_ms, 'd:' .. delivery)
  end
  answers[#answers + 1] = is_under_way and 1 or 0
end
return answers
