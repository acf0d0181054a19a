-- The story of an event: its facts and those of its deliveries. Reads only.
-- ARGV: gateway, event.
-- Invariant: nothing changes.
-- Returns {fields of the event, {delivery, fields...}...}, empty when the gateway has no such event.
local facts = redis.call('HGETALL', K.event .. ARGV[2])
local about = redis.call('HMGET', K.event .. ARGV[2], 'gateway', 'subscriptions')
if about[1] ~= ARGV[1] then return {} end
local story = { facts }
for subscription in string.gmatch(about[2] or '', '%S+') do
  local delivery = delivery_of(ARGV[2], subscription)
  local fields = redis.call('HGETALL', K.delivery .. delivery)
  local due = redis.call('ZSCORE', K.due, 'd:' .. delivery)
  if due then
    fields[#fields + 1] = 'due'
    fields[#fields + 1] = due
  end
  story[#story + 1] = { delivery, fields }
end
return story
