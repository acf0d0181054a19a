-- Take deliveries for a tunnel.
-- ARGV: gateway, tunnel, now, count; then for each subscription, first served first: its id, timeout_s.
-- Returns for each delivery taken {delivery, event, subscription, webhook, webhook name, event type, scheme,
--       attempt, generation, tries, at}.
-- Invariant: a taken delivery is pending in its stream for this tunnel, sent, and due at its deadline.
-- Run twice: takes more. A reply that is lost is repaired by the attempts' deadlines or the tunnel's lease.
local gateway, tunnel, now, left = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local taken = {}

local function take(delivery, subscription, timeout_ms)
  local facts = redis.call('HMGET', K.delivery .. delivery, 'event', 'gateway')
  local event = facts[1]
  if not event or facts[2] ~= gateway then return false end
  local about = redis.call('HMGET', K.event .. event, 'webhook', 'type', 'scheme', 'at')
  local name = about[1] and redis.call('HGET', K.webhook .. about[1], 'name')
  if not name then
    if move(delivery, gateway, 'cancel') then finish_delivery(delivery, event) end
    return false
  end
  if not move(delivery, gateway, 'take') then return false end
  local attempt = redis.call('HINCRBY', K.delivery .. delivery, 'attempt', 1)
  local tries = redis.call('HINCRBY', K.delivery .. delivery, 'tries', 1)
  redis.call('HSET', K.delivery .. delivery, 'tunnel', tunnel, 'sent_at', now)
  redis.call('ZADD', K.due, now + timeout_ms, 'd:' .. delivery)
  taken[#taken + 1] = { delivery, event, subscription, about[1], name, about[2] or '', about[3] or '', attempt,
    tonumber(redis.call('HGET', K.delivery .. delivery, 'generation')), tries, tonumber(about[4]) }
  return true
end

for i = 5, #ARGV, 2 do
  local subscription, stream = ARGV[i], K.stream .. ARGV[i]
  -- The attempt's own deadline comes first; ours follows with some grace for its answer to arrive.
  local timeout_ms = tonumber(ARGV[i + 1]) * 1000 + 5000
  local more = redis.call('HGET', K.subscription .. subscription, 'gateway') == gateway
  while more and left > 0 do
    local reply = redis.call('XREADGROUP', 'GROUP', K.group, tunnel, 'COUNT', left, 'STREAMS', stream, '>')
    local entries = reply and reply[1][2] or {}
    -- Fewer than asked for: the stream is empty now.
    more = #entries == left
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
return taken
