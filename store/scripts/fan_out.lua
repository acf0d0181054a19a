-- Decide about verified events: reject them, or create their deliveries.
-- ARGV: now, retention_ms, dedup_ms; then for each event:
--       event, event type, scheme ('' = not verified), reason ('' = valid), digest of the sender event id
--       ('' = never a duplicate), id of the secret that matched ('' = none), number of further facts, each with
--       its name and value, number of subscriptions, their ids.
-- Returns for each event its state after this.
-- Invariant: the ledger moves with the state; an event with deliveries keeps its body, any other loses it.
-- Run twice: an event that does not wait any more is left alone.
local now, retention_ms, dedup_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local answers, rung, alive, routed, due, matched = {}, {}, {}, {}, {}, {}

-- Webhooks and routes are the same for all events of a call; each is looked up once.
local function exists(webhook)
  if alive[webhook] == nil then alive[webhook] = redis.call('EXISTS', K.webhook .. webhook) == 1 end
  return alive[webhook]
end

-- A subscription may have been removed since the worker read it.
local function is_routed(webhook, subscription)
  local route = webhook .. subscription
  if routed[route] == nil then
    routed[route] = redis.call('SISMEMBER', K.routes .. webhook, subscription) == 1
  end
  return routed[route]
end

-- What nobody wanted claims no id: sent again, it may find a subscription.
local function is_duplicate(event, webhook, digest, is_wanted)
  if digest == '' or dedup_ms == 0 then return false end
  local key = K.duplicate .. webhook .. ':' .. digest
  if not is_wanted then return redis.call('EXISTS', key) == 1 end
  if redis.call('SET', key, event, 'NX', 'PX', dedup_ms) then return false end
  return redis.call('GET', key) ~= event
end

local function create_delivery(event, gateway, subscription)
  local delivery = delivery_of(event, subscription)
  local entry = redis.call('XADD', K.stream .. subscription, '*', 'delivery', delivery)
  redis.call('HSET', K.delivery .. delivery, 'event', event, 'gateway', gateway, 'state', 'queued',
    'attempt', 0, 'generation', 1, 'tries', 0, 'entry', entry, 'at', now)
  rung[subscription] = true
end

-- When a secret last matched is noted once for all events of a call. A call that comes later may have older events.
local function note_match(webhook, secret, at)
  matched[webhook] = matched[webhook] or {}
  matched[webhook][secret] = math.max(matched[webhook][secret] or 0, at)
end

local i = 4
while i <= #ARGV do
  local event, event_type, scheme, reason, digest = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local secret, particular = ARGV[i + 5], {}
  local j = i + 7 + 2 * tonumber(ARGV[i + 6])
  local matches = tonumber(ARGV[j])
  local facts = redis.call('HMGET', K.event .. event, 'state', 'gateway', 'webhook', 'job', 'at')
  local state, gateway, webhook = facts[1], facts[2], facts[3]
  if state == 'waiting' then
    if not exists(webhook) then reason = 'webhook_deleted' end
    local created = {}
    if reason ~= '' then
      state = 'rejected'
      count(gateway, 'rejected:' .. reason, 1)
    else
      for each = j + 1, j + matches do
        if is_routed(webhook, ARGV[each]) then created[#created + 1] = ARGV[each] end
      end
      if is_duplicate(event, webhook, digest, #created > 0) then
        state, created = 'duplicate', {}
      else
        state = #created > 0 and 'fanned_out' or 'unmatched'
      end
    end
    if secret ~= '' and exists(webhook) then note_match(webhook, secret, tonumber(facts[5])) end
    -- What most events do not have costs nothing for them.
    if secret ~= '' then particular = { 'secret', secret } end
    for fact = i + 7, j - 1 do particular[#particular + 1] = ARGV[fact] end
    decide_event(event, gateway, facts[4], state, 'type', event_type, 'scheme', scheme, 'reason', reason,
      'open', #created, 'subscriptions', table.concat(created, ' '), 'decided_at', now, unpack(particular))
    for _, subscription in ipairs(created) do create_delivery(event, gateway, subscription) end
    if #created > 0 then
      count(gateway, 'delivery:created', #created)
      count(gateway, 'delivery:in_flight', #created)
      due[#due + 1] = tonumber(facts[5]) + retention_ms
      due[#due + 1] = 'e:' .. event
    else
      finish_event(event)
    end
  end
  answers[#answers + 1] = state or ''
  i = j + 1 + matches
end
for webhook, secrets in pairs(matched) do
  for secret, at in pairs(secrets) do redis.call('ZADD', K.matched .. webhook, 'GT', at, secret) end
end
if #due > 0 then redis.call('ZADD', K.due, unpack(due)) end
for subscription in pairs(rung) do redis.call('PUBLISH', K.bell, subscription) end
return answers
