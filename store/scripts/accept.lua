-- Accept events: all that a flush of the ingress gathered, in one step.
-- Refused when Redis is full (no allow-oom): what cannot be kept is not accepted.
-- ARGV: now, stamp, recovery_ms, window_ms, queue_limit, batch_events, batch_bytes, batch_age_ms, retention_ms,
--       timeout_s, job id for a new batch, then what a gateway without limits of its own may have: stored_events,
--       stored_mib, deliveries, queue_share; then fair, the waiting events of a gateway beyond which its further ones stand in
--       its line; log_length, log_life_ms; then for each event:
--       event, gateway, webhook, version, hourly limit, at, size, sealed ('' when the body was set before).
-- Returns for each event {verdict, remaining, reset_ms}; verdict is 'accepted', 'stale' (the webhook changed or
--       is gone), 'limited', 'full', 'lost' (the body that was set before is gone), or the limit that its gateway
--       has reached: 'stored_events', 'stored_mib', 'deliveries', 'queue_share'.
-- Invariant: accepted = the event exists, waits in exactly one batch or line and is due; only then is the rate
--       spent, and its body counted.
-- Run twice: an event that exists is accepted again in words, not in deeds.
local now, stamp, recovery_ms, window_ms = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local queue_limit, batch_events, batch_bytes = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local batch_age_ms, retention_ms, timeout_s, new_job = tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10], ARGV[11]
local fair, log = tonumber(ARGV[16]), { length = tonumber(ARGV[17]), life_ms = tonumber(ARGV[18]) }

-- The open batch: the job at the tail of the queue, when it is ours, not closed, not full and young.
-- It is chosen once per call, so it may overshoot by one flush.
local job
local function open_batch()
  if job then return job end
  local tail = redis.call('LINDEX', K.rq_queue .. 'events', -1)
  if tail then
    local batch = redis.call('HMGET', K.batch .. tail, 'born', 'bytes', 'size', 'closed')
    if batch[1] and batch[4] == '0' and now - tonumber(batch[1]) < batch_age_ms
        and tonumber(batch[2]) < batch_bytes and tonumber(batch[3]) < batch_events then
      job = tail
      return job
    end
  end
  job = new_job
  redis.call('HSET', K.batch .. job, 'born', now, 'bytes', 0, 'size', 0, 'closed', 0, 'runs', 0)
  enqueue('events', job, 'workers.jobs.verify_batch', '[]', 'verify a batch', stamp, timeout_s,
    math.floor(retention_ms / 1000))
  return job
end

local waiting = tonumber(redis.call('GET', K.waiting) or '0')
local verdicts, ids, due, bytes, accepted, lines = {}, {}, {}, 0, 0, {}
local known, tenants = {}, {}

-- What its gateway may still store and have waiting, likewise.
local server = { events = ARGV[12], mib = ARGV[13], deliveries = ARGV[14], queue_share = ARGV[15], queue = queue_limit }
local function tenant_of(gateway)
  local tenant = tenants[gateway]
  if not tenant then
    tenant = read_tenant(gateway, server)
    tenant.log = { length = math.min(log.length, tenant.log_length), life_ms = log.life_ms }
    tenant.keep_s, tenant.logged = life_s(gateway, tenant.log, now), {}
    tenants[gateway] = tenant
  end
  return tenant
end

-- What is the same for all events of a webhook is read once, and written once below.
local function hook_of(webhook)
  local hook = known[webhook]
  if not hook then
    local ends = redis.call('PTTL', K.rate .. webhook)
    hook = { version = redis.call('HGET', K.webhook .. webhook, 'version'), logged = {},
      listeners = listeners_of(webhook),
      spent = tonumber(redis.call('GET', K.rate .. webhook) or '0'), reset = ends > 0 and ends or window_ms }
    known[webhook] = hook
  end
  return hook
end

-- Where an event waits: in the open batch, or in the line of its gateway, where nothing is due before its retention
-- ends. Returns its job.
local function stand(event, gateway, at, size)
  accepted = accepted + 1
  local in_batch = tenants[gateway].waiting < fair
  due[#due + 1] = in_batch and now + recovery_ms or tonumber(at) + retention_ms
  due[#due + 1] = 'e:' .. event
  if in_batch then
    ids[#ids + 1] = event
    bytes = bytes + size
    return open_batch()
  end
  lines[gateway] = lines[gateway] or {}
  table.insert(lines[gateway], event)
  return ''
end

for i = 19, #ARGV, 8 do
  local event, gateway, webhook, version = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local limit, at, size, sealed = tonumber(ARGV[i + 4]), ARGV[i + 5], tonumber(ARGV[i + 6]), ARGV[i + 7]
  local hook, tenant, kept, verdict = hook_of(webhook), tenant_of(gateway), #sealed, 'accepted'
  local is_new = redis.call('EXISTS', K.event .. event) == 0
  hook.log = { length = tenant.log.length, life_ms = math.min(tenant.log.life_ms, tenant.keep_s * 1000) }
  if is_new and sealed == '' then kept = redis.call('STRLEN', K.body .. event) end
  if is_new then
    verdict = hook.version ~= version and 'stale' or hook.spent >= limit and 'limited'
      or waiting + accepted >= queue_limit and 'full' or kept == 0 and 'lost' or reached_limit(tenant, hook.listeners, kept) or 'accepted'
  end
  if is_new and verdict == 'accepted' then
    if sealed == '' then
      redis.call('PEXPIRE', K.body .. event, retention_ms + 3600000)
    else
      redis.call('SET', K.body .. event, sealed, 'PX', retention_ms + 3600000)
    end
    redis.call('HSET', K.event .. event, 'gateway', gateway, 'webhook', webhook, 'at', at, 'size', size,
      'kept', kept, 'state', 'waiting', 'job', stand(event, gateway, at, size), 'crashes', 0,
      'keep_s', tenant.keep_s)
    hook.spent = hook.spent + 1
    table.insert(hook.logged, event)
    table.insert(tenant.logged, event)
    tenant.waiting, tenant.events, tenant.bytes = tenant.waiting + 1, tenant.events + 1, tenant.bytes + kept
    count(gateway, 'event:accepted', 1)
    count(gateway, 'event:waiting', 1)
    count(gateway, 'stored:events', 1)
    count(gateway, 'stored:bytes', kept)
  end
  -- What was set before and is refused is kept by nobody: it must not fill Redis until its short life ends.
  if is_new and verdict ~= 'accepted' and sealed == '' then redis.call('DEL', K.body .. event) end
  verdicts[#verdicts + 1] = { verdict, math.max(0, limit - hook.spent), hook.reset }
end
if #ids > 0 then
  redis.call('RPUSH', K.members .. job, unpack(ids))
  redis.call('HINCRBY', K.batch .. job, 'size', #ids)
  redis.call('HINCRBY', K.batch .. job, 'bytes', bytes)
end
for gateway, events in pairs(lines) do
  if redis.call('RPUSH', K.line .. gateway, unpack(events)) == #events then redis.call('RPUSH', K.lines, gateway) end
end
if accepted > 0 then
  redis.call('ZADD', K.due, unpack(due))
  redis.call('INCRBY', K.waiting, accepted)
  for webhook, hook in pairs(known) do
    local fresh = #hook.logged
    if fresh > 0 then
      if redis.call('INCRBY', K.rate .. webhook, fresh) == fresh then
        redis.call('PEXPIRE', K.rate .. webhook, window_ms)
      end
      redis.call('HINCRBY', K.webhook .. webhook, 'events', fresh)
      redis.call('HSET', K.webhook .. webhook, 'last_at', now)
      log_events(webhook, hook.logged, hook.log, now)
    end
  end
  for gateway, tenant in pairs(tenants) do
    if #tenant.logged > 0 then log_events(gateway, tenant.logged, tenant.log, now) end
  end
end
return verdicts
