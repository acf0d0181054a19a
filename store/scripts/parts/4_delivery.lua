-- The life of a delivery: MOVES, BUCKET and ATTEMPT come from domain.delivery.

-- Who waits for a retry, and who is dead, is listed by gateway, with the time at which that began.
local LISTED = { retrying = 'retrying', dead = 'dead' }

-- An attempt that did not end the delivery is remembered: the latest 20 of them. One that did is told by the state.
local ATTEMPTS = 20
local function remember_attempt(delivery, attempt, outcome, sent_at, at, note)
  local key = K.delivery .. delivery
  redis.call('HSET', key, 'try:' .. attempt, table.concat({ outcome, sent_at or '', at, note }, ' '))
  if tonumber(attempt) > ATTEMPTS then redis.call('HDEL', key, 'try:' .. attempt - ATTEMPTS) end
end

-- Take a step of the table, from a state that the caller has read (nil: it is read here); what else changes
-- (field, value, ...) is written with it. Returns the state before, nil when the step is not allowed there.
local function move(delivery, gateway, step, from, ...)
  from = from or redis.call('HGET', K.delivery .. delivery, 'state')
  local to = from and MOVES[from .. '>' .. step]
  if not to then return nil end
  redis.call('HSET', K.delivery .. delivery, 'state', to, ...)
  if LISTED[from] then redis.call('ZREM', K[LISTED[from]] .. gateway, delivery) end
  if LISTED[to] then redis.call('ZADD', K[LISTED[to]] .. gateway, clock(), delivery) end
  if BUCKET[from] ~= BUCKET[to] then
    count(gateway, 'delivery:' .. BUCKET[from], -1)
    count(gateway, 'delivery:' .. BUCKET[to], 1)
  end
  return from
end

local function subscription_of(delivery)
  return 'sub_' .. string.match(delivery, '^dlv_[^_]+_(.+)$')
end

-- Out of the stream, wherever in it the entry is (nil: it is looked up). Harmless when it left before.
local function leave_stream(delivery, entry)
  entry = entry or redis.call('HGET', K.delivery .. delivery, 'entry')
  if not entry then return end
  local stream = K.stream .. subscription_of(delivery)
  -- The group is gone when the subscription is.
  redis.pcall('XACK', stream, K.group, entry)
  redis.call('XDEL', stream, entry)
end

local function enter_stream(delivery)
  local subscription = subscription_of(delivery)
  local entry = redis.call('XADD', K.stream .. subscription, '*', 'delivery', delivery)
  redis.call('HSET', K.delivery .. delivery, 'entry', entry)
  redis.call('PUBLISH', K.bell, subscription)
end

-- The end of a delivery: nothing of it is due, and its event may be done.
local function finish_delivery(delivery, event, entry)
  leave_stream(delivery, entry)
  not_due[#not_due + 1] = 'd:' .. delivery
  if redis.call('HINCRBY', K.event .. event, 'open', -1) == 0 then finish_event(event) end
end

-- Taken and never answered this often, a delivery is out of attempts: it may be what breaks its connector.
local MAX_LAPSES = 10

-- One delivery back from a tunnel that is gone: to the stream, or, after too many times, out of attempts.
local function lapse_delivery(delivery, now)
  local facts = redis.call('HMGET', K.delivery .. delivery, 'gateway', 'attempt', 'sent_at')
  local gateway = facts[1]
  leave_stream(delivery)
  if not gateway then return 0 end
  if redis.call('HINCRBY', K.delivery .. delivery, 'lapses', 1) >= MAX_LAPSES then
    if not move(delivery, gateway, 'exhaust') then return 0 end
    redis.call('HSET', K.delivery .. delivery, 'note', 'its connectors went away')
    remember_attempt(delivery, facts[2], 'exhausted', facts[3], now, 'its connectors went away')
    redis.call('ZADD', K.due, now, 'd:' .. delivery)
  else
    if not move(delivery, gateway, 'lapse') then return 0 end
    remember_attempt(delivery, facts[2], 'lapsed', facts[3], now, 'its connector went away')
    redis.call('ZREM', K.due, 'd:' .. delivery)
    enter_stream(delivery)
  end
  return 1
end

-- Take the deliveries of a tunnel back, but for the attempts its connector still holds (delivery -> attempt).
local function lapse(stream_subscription, tunnel, holding, now)
  local stream = K.stream .. stream_subscription
  local back = 0
  local entries = redis.pcall('XPENDING', stream, K.group, '-', '+', 10000, tunnel)
  if entries.err then return 0 end -- the subscription is gone, its group with it
  for _, pending in ipairs(entries) do
    local found = redis.call('XRANGE', stream, pending[1], pending[1])[1]
    local delivery = found and found[2][2]
    if not delivery then
      redis.call('XACK', stream, K.group, pending[1])
    elseif holding[delivery] ~= redis.call('HGET', K.delivery .. delivery, 'attempt') then
      back = back + lapse_delivery(delivery, now)
    end
  end
  return back
end
