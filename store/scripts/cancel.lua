-- Cancel what events owe to a deleted webhook or a removed subscription.
-- ARGV: 'webhook' or 'subscription', its id, event ids.
-- Returns how many events or deliveries were changed.
-- Invariant: nothing of it stays in flight, and its bodies go unless another subscription needs them.
-- Run twice: what is cancelled stays so.
local kind, id, changed = ARGV[1], ARGV[2], 0

local function cancel_delivery(event, gateway, subscription)
  local delivery = delivery_of(event, subscription)
  if move(delivery, gateway, 'cancel') or move(delivery, gateway, 'discard') then
    finish_delivery(delivery, event)
    changed = changed + 1
  end
end

local function cancel_event(event)
  local facts = redis.call('HMGET', K.event .. event, 'gateway', 'webhook', 'state', 'job', 'subscriptions')
  local gateway, state = facts[1], facts[3]
  if not gateway then return end
  if kind == 'subscription' then return cancel_delivery(event, gateway, id) end
  if facts[2] ~= id then return end
  if state == 'waiting' then
    redis.call('HSET', K.event .. event, 'reason', 'webhook_deleted')
    count(gateway, 'rejected:webhook_deleted', 1)
    decide_event(event, gateway, facts[4], 'rejected')
    changed = changed + 1
  end
  for subscription in string.gmatch(facts[5] or '', '%S+') do cancel_delivery(event, gateway, subscription) end
  if state == 'waiting' or state == 'set_aside' then finish_event(event) end
end

for i = 3, #ARGV do cancel_event(ARGV[i]) end
return changed
