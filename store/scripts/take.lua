-- Take deliveries for a tunnel.
-- ARGV: gateway, tunnel, session, number of this call in the session, now, count; then for each subscription,
--       first served first: its id, timeout_s.
-- Returns for each delivery taken {delivery, event, subscription, webhook, webhook name, sender, event type,
--       scheme, attempt, generation, tries, at, kept}; nil when the session does not hold the lease (any more).
-- Invariant: a taken delivery is pending in its stream for this tunnel, sent, and due at its deadline; only who
--       holds the lease takes, so what is taken is always somebody's to give back.
-- Run twice: takes nothing more, and answers the same.
local gateway, tunnel, session, now, left = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[5]), tonumber(ARGV[6])
local call = session .. ':' .. ARGV[4]
local lease = K.tunnel .. gateway .. ':' .. tunnel
local taken, given, due, hooks = {}, {}, {}, {}
local looks = 1000 -- a stream may be full of what was cancelled; nobody else is served meanwhile

local held = redis.call('HMGET', lease, 'session', 'call', 'given')
if held[1] ~= session then return false end

-- Its name and sender; false when it was deleted.
local function about_webhook(webhook)
  if hooks[webhook] == nil then
    local facts = redis.call('HMGET', K.webhook .. webhook, 'name', 'sender')
    hooks[webhook] = facts[1] and facts
  end
  return hooks[webhook]
end

local function take(delivery, subscription, timeout_ms)
  local facts = redis.call('HMGET', K.delivery .. delivery, 'event', 'gateway', 'state', 'attempt', 'tries',
    'generation')
  local event, state = facts[1], facts[3]
  if not event or facts[2] ~= gateway then return false end
  local about = redis.call('HMGET', K.event .. event, 'webhook', 'type', 'scheme', 'at', 'kept')
  local hook = about[1] and about_webhook(about[1])
  if not hook then
    if move(delivery, gateway, 'cancel', state) then finish_delivery(delivery, event) end
    return false
  end
  local attempt, tries = tonumber(facts[4]) + 1, tonumber(facts[5]) + 1
  if not move(delivery, gateway, 'take', state, 'attempt', attempt, 'tries', tries, 'tunnel', tunnel,
      'sent_at', now) then
    return false
  end
  due[#due + 1] = now + timeout_ms
  due[#due + 1] = 'd:' .. delivery
  given[#given + 1] = delivery
  taken[#taken + 1] = { delivery, event, subscription, about[1], hook[1], hook[2], about[2] or '', about[3] or '',
    attempt, tonumber(facts[6]), tries, tonumber(about[4]), tonumber(about[5]) }
  return true
end

-- The reply to this call was lost; what it gave is still ours, unless its webhook was deleted since.
local function give_again(delivery)
  local facts = redis.call('HMGET', K.delivery .. delivery, 'event', 'state', 'attempt', 'generation', 'tries')
  local about = redis.call('HMGET', K.event .. (facts[1] or ''), 'webhook', 'type', 'scheme', 'at', 'kept')
  local hook = about[1] and about_webhook(about[1])
  if facts[2] ~= 'sent' or not hook then return end
  taken[#taken + 1] = { delivery, facts[1], subscription_of(delivery), about[1], hook[1], hook[2],
    about[2] or '', about[3] or '', tonumber(facts[3]), tonumber(facts[4]), tonumber(facts[5]), tonumber(about[4]),
    tonumber(about[5]) }
end

if held[2] == call then
  for delivery in string.gmatch(held[3], '%S+') do give_again(delivery) end
  return taken
end

for i = 7, #ARGV, 2 do
  local subscription, stream = ARGV[i], K.stream .. ARGV[i]
  -- The attempt's own deadline comes first; ours follows with some grace for its answer to arrive.
  local timeout_ms = tonumber(ARGV[i + 1]) * 1000 + ATTEMPT.grace_ms
  local more = redis.call('HGET', K.subscription .. subscription, 'gateway') == gateway
  while more and left > 0 do
    if looks <= 0 then
      redis.call('PUBLISH', K.bell, subscription) -- there is more; it is asked for again
      break
    end
    local reply = redis.call('XREADGROUP', 'GROUP', K.group, tunnel, 'COUNT', left, 'STREAMS', stream, '>')
    local entries = reply and reply[1][2] or {}
    -- Fewer than asked for: the stream is empty now.
    more = #entries == left
    looks = looks - #entries
    for _, entry in ipairs(entries) do
      if take(entry[2][2], subscription, timeout_ms) then
        left = left - 1
      else
        redis.call('XACK', stream, K.group, entry[1])
        redis.call('XDEL', stream, entry[1])
      end
    end
  end
end
if #due > 0 then
  redis.call('ZADD', K.due, unpack(due))
  redis.call('HSET', lease, 'call', call, 'given', table.concat(given, ' '))
end
return taken
