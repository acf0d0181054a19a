-- Replay dead deliveries, or discard them, as an operator has asked.
-- ARGV: gateway, step ('replay' or 'discard'), run (a fresh id for each call), deliveries.
-- Returns for each: 'done', 'not_dead', 'body_gone' (there is nothing left to replay), 'unknown' (the gateway has no such
--       delivery).
-- Invariant: the failed job that stood for it in RQ is gone, so nobody requeues what is not dead any more.
-- Run twice: who was changed by this run is 'done' again, and nothing more.
local gateway, step, run = ARGV[1], ARGV[2], ARGV[3]

local function change(delivery)
  local facts = redis.call('HMGET', K.delivery .. delivery, 'gateway', 'state', 'event', 'ticket', 'changed_by')
  if facts[1] ~= gateway then return 'unknown' end
  if facts[5] == run then return 'done' end
  if facts[2] ~= 'dead' then return 'not_dead' end
  local is_replay = step == 'replay'
  if is_replay and redis.call('EXISTS', K.body .. facts[3]) == 0 then return 'body_gone' end
  forget_failed(facts[4])
  if is_replay then
    move(delivery, gateway, step, facts[2], 'changed_by', run, 'ticket', '', 'tries', 0, 'lapses', 0)
    redis.call('HINCRBY', K.delivery .. delivery, 'generation', 1)
    enter_stream(delivery)
  else
    move(delivery, gateway, step, facts[2], 'changed_by', run, 'ticket', '')
    finish_delivery(delivery, facts[3])
  end
  return 'done'
end

local answer = {}
for i = 4, #ARGV do answer[#answer + 1] = change(ARGV[i]) end
return answer
