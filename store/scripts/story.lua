-- The stories of events: their facts and those of their deliveries. Reads only.
-- ARGV: gateway, events.
-- Invariant: nothing changes.
-- Returns for each {event, fields of it, {delivery, fields...}...}; what the gateway does not have is left out.
local stories = {}

local function told(delivery)
  local fields = redis.call('HGETALL', K.delivery .. delivery)
  local due = redis.call('ZSCORE', K.due, 'd:' .. delivery)
  if due then
    fields[#fields + 1] = 'due'
    fields[#fields + 1] = due
  end
  return { delivery, fields }
end

for i = 2, #ARGV do
  local event = ARGV[i]
  local about = redis.call('HMGET', K.event .. event, 'gateway', 'subscriptions')
  if about[1] == ARGV[1] then
    local story = { event, redis.call('HGETALL', K.event .. event) }
    for subscription in string.gmatch(about[2] or '', '%S+') do
      story[#story + 1] = told(delivery_of(event, subscription))
    end
    stories[#stories + 1] = story
  end
end
return stories
