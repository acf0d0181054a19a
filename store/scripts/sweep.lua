-- Turn what is due into RQ jobs and state changes.
-- ARGV: sweeper, lease_ms, now, stamp, limit, recovery_ms, job_timeout_s, retention_ms, max_crashes,
--       base of new job ids, batch_events, batch_bytes, log_length.
-- Returns {on duty, looked at, next due or -1, items...}. An item is what needs the caller:
--       {'deadline', delivery, attempt, tries}, {'tunnel', gateway, tunnel}, {'webhook', gateway, webhook},
--       {'subscription', gateway, subscription}; it is due again in a while unless the caller settles it.
-- Invariant: whatever has a future is due again after this, or is done. The lines are fed.
-- Run twice: what was due is due later now.
local me, lease_ms, now, stamp, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local recovery_ms, timeout_s, retention_ms = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local max_crashes, job_base, jobs, log_length = tonumber(ARGV[9]), ARGV[10], 0, tonumber(ARGV[13])
local grace_ms = timeout_s * 1000 + 5000 -- a running job may still be at work this long after it closed its batch

local on_duty = redis.call('GET', K.sweeper)
if on_duty and on_duty ~= me then return { 0, 0, -1 } end
redis.call('SET', K.sweeper, me, 'PX', lease_ms)

local function new_job()
  -- A call that is sent again must not name its job like one that is at work.
  repeat jobs = jobs + 1 until redis.call('EXISTS', K.rq_job .. job_base .. '-' .. jobs) == 0
  return job_base .. '-' .. jobs
end

local function again(member, when) redis.call('ZADD', K.due, when, member) end

local function failure_ttl_s(at) return math.max(60, math.floor((at + retention_ms - now) / 1000)) end

-- A batch whose events have all left leaves no trace in RQ, where it would end as a failure that is none.
local function forget_job(job)
  if redis.call('EXISTS', K.members .. job) == 0 then
    redis.call('LREM', K.rq_queue .. 'events:intermediate', 0, job)
    redis.call('DEL', K.rq_job .. job)
  end
end

local function recover_event(event, gateway, at, job, crashes)
  local closed = tonumber(redis.call('HGET', K.batch .. job, 'closed') or '0')
  if waits('events', job) then return again('e:' .. event, now + recovery_ms) end
  if closed > 0 and now < closed + grace_ms then return again('e:' .. event, closed + grace_ms) end
  -- A job that never closed its batch says nothing about the events in it.
  if closed > 0 then crashes = crashes + 1 end
  if crashes >= max_crashes then
    decide_event(event, gateway, job, 'set_aside', 'crashes', crashes, 'decided_at', now)
    log_event(event, gateway, log_length)
    again('e:' .. event, at + retention_ms)
  else
    leave_batch(event, job)
    enqueue_alone(event, new_job(), crashes, stamp, now, timeout_s, failure_ttl_s(at), recovery_ms)
  end
  forget_job(job)
end

local function expire_deliveries(event, gateway, subscriptions)
  for subscription in string.gmatch(subscriptions or '', '%S+') do
    local delivery = delivery_of(event, subscription)
    if move(delivery, gateway, 'expire') then leave_stream(delivery) end
    redis.call('ZREM', K.due, 'd:' .. delivery)
  end
end

local function sweep_event(event)
  local facts = redis.call('HMGET', K.event .. event, 'state', 'gateway', 'at', 'job', 'crashes', 'subscriptions')
  local state, gateway, at = facts[1], facts[2], tonumber(facts[3])
  if not state then return redis.call('ZREM', K.due, 'e:' .. event) end
  if now < at + retention_ms then
    -- In its line, an event is nobody's to recover.
    if state == 'waiting' and facts[4] ~= '' then return recover_event(event, gateway, at, facts[4], tonumber(facts[5])) end
    return again('e:' .. event, at + retention_ms)
  end
  if state == 'waiting' then
    decide_event(event, gateway, facts[4], 'expired', 'decided_at', now)
    log_event(event, gateway, log_length)
  end
  expire_deliveries(event, gateway, facts[6])
  finish_event(event)
end

local function sweep_delivery(delivery)
  local facts = redis.call('HMGET', K.delivery .. delivery, 'state', 'attempt', 'tries', 'ticket', 'event')
  local state, ticket = facts[1], facts[4]
  if state == 'sent' then
    again('d:' .. delivery, now + recovery_ms)
    return { 'deadline', delivery, facts[2], facts[3] }
  end
  if state ~= 'retrying' and state ~= 'exhausted' then
    redis.call('ZREM', K.due, 'd:' .. delivery)
    return nil
  end
  if not ticket or ticket == '' or not waits('deliveries', ticket) then
    ticket = new_job()
    local at = tonumber(redis.call('HGET', K.event .. facts[5], 'at') or now)
    redis.call('HSET', K.delivery .. delivery, 'ticket', ticket)
    enqueue('deliveries', ticket, 'workers.jobs.attempt', '["' .. delivery .. '"]',
      (state == 'retrying' and 'retry ' or 'declare dead ') .. delivery, stamp, timeout_s, failure_ttl_s(at))
  end
  again('d:' .. delivery, now + recovery_ms)
end

local KINDS = { t = 'tunnel', w = 'webhook', s = 'subscription' }
local answer = { 1, 0, -1 }
for _, member in ipairs(redis.call('ZRANGE', K.due, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit)) do
  local kind, name = string.match(member, '^(%a):(.+)$')
  local item
  if kind == 'e' then
    sweep_event(name)
  elseif kind == 'd' then
    item = sweep_delivery(name)
  else
    local gateway, id = string.match(name, '^([^:]+):(.+)$')
    again(member, now + recovery_ms)
    item = { KINDS[kind], gateway, id }
  end
  if type(item) == 'table' then answer[#answer + 1] = item end
  answer[2] = answer[2] + 1
end
feed({ now = now, stamp = stamp, recovery_ms = recovery_ms, timeout_s = timeout_s, retention_ms = retention_ms,
  base = job_base, events = tonumber(ARGV[11]), bytes = tonumber(ARGV[12]) })
local first = redis.call('ZRANGE', K.due, 0, 0, 'WITHSCORES')
if first[2] then answer[3] = math.floor(tonumber(first[2])) end
return answer
