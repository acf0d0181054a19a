-- Cancel what events owe to deleted webhooks and removed subscriptions: to all that are gone, in one look at each.
-- ARGV: now, number of those that are gone, their ids; event ids.
-- Returns how many events or deliveries were changed.
-- Invariant: nothing of it stays in flight, and its bodies go unless another subscription needs them.
-- Run twice: what is cancelled stays so.
local last, gone, changed = 2 + tonumber(ARGV[2]), {}, 0
for i = 3, last do gone[ARGV[i]] = true end

local function cancel_delivery(event, gateway, subscription)
  local delivery = delivery_of(event, subscription)
  local is_cancelled = move(delivery, gateway, 'cancel')
  -- The failed job that stood for a dead one must not outlive it.
  if is_cancelled or move(delivery, gateway, 'discard') then
    if not is_cancelled then forget_failed(redis.call('HGET', K.delivery .. delivery, 'ticket')) end
    finish_delivery(delivery, event)
    changed = changed + 1
  end
end

local function cancel_event(event)
  local facts = redis.call('HMGET', K.event .. event, 'gateway', 'webhook', 'state', 'job', 'subscriptions')
  local gateway, state = facts[1], facts[3]
  if not gateway then return end
  local is_orphan = gone[facts[2]]
  if is_orphan and state == 'waiting' then
    count(gateway, 'rejected:webhook_deleted', 1)
    decide_event(event, gateway, facts[4], 'rejected', 'reason', 'webhook_deleted', 'decided_at', ARGV[1])
    changed = changed + 1
  end
  for subscription in string.gmatch(facts[5] or '', '%S+') do
    if is_orphan or gone[subscription] then cancel_delivery(event, gateway, subscription) end
  end
  if is_orphan and (state == 'waiting' or state == 'set_aside') then finish_event(event) end
end

for i = last + 1, #ARGV do cancel_event(ARGV[i]) end
return changed
