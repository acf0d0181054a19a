-- Turn what is due into RQ jobs and state changes.
-- ARGV: sweeper, lease_ms, now, stamp, limit, recovery_ms, job_timeout_s, retention_ms, max_crashes,
--       base of new job ids, batch_events, batch_bytes.
-- Returns {on duty, looked at, next due or -1, items...}. An item is what needs the caller:
--       {'deadline', delivery, attempt, tries}, {'tunnel', gateway, tunnel}, {'webhook', gateway, webhook},
--       {'subscription', gateway, subscription}; it is due again in a while unless the caller settles it.
--       {'unknown', member} is out of the due-set: it has no known form, or its record lacks what it needs.
--       {'broken', member, error} is due again in a while, and will be broken again.
-- Invariant: whatever has a future is due again after this, or is done. The lines are fed. What is broken
--       holds up nothing else.
-- Run twice: what was due is due later now.
local me, lease_ms, now, stamp, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local recovery_ms, timeout_s, retention_ms = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local max_crashes, job_base, jobs = tonumber(ARGV[9]), ARGV[10], 0
local RETRIES = 200 -- due retries of one gateway that share a job
local DYING, DYING_PAUSE_MS = 200, 5000 -- behind so many jobs, nobody is sent to die: retries must not wait for them
local WORK, work = 1000, 0 -- a member is one unit, a delivery that expires is another: Redis serves nobody meanwhile
local grace_ms = timeout_s * 1000 + 5000 -- a running job may still be at work this long after it closed its batch

local on_duty = redis.call('GET', K.sweeper)
if on_duty and on_duty ~= me then return { 0, 0, -1 } end
redis.call('SET', K.sweeper, me, 'PX', lease_ms)

local function new_job()
  -- A call that is sent again must not name its job like one that is at work.
  repeat jobs = jobs + 1 until redis.call('EXISTS', K.rq_job .. job_base .. '-' .. jobs) == 0
  return job_base .. '-' .. jobs
end

-- Many members share a job; the queue is searched for it once.
local asked = {}
local function still_waits(queue, job)
  local key = queue .. ' ' .. job
  if asked[key] == nil then asked[key] = waits(queue, job) end
  return asked[key]
end

local function again(member, when) redis.call('ZADD', K.due, when, member) end

local function unknown(member)
  redis.call('ZREM', K.due, member)
  return { 'unknown', member }
end

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
  if still_waits('events', job) then return again('e:' .. event, now + recovery_ms) end
  if closed > 0 and now < closed + grace_ms then return again('e:' .. event, closed + grace_ms) end
  -- A job that never closed its batch says nothing about the events in it.
  if closed > 0 then crashes = crashes + 1 end
  if crashes >= max_crashes then
    decide_event(event, gateway, job, 'set_aside', 'crashes', crashes, 'decided_at', now)
    again('e:' .. event, at + retention_ms)
  else
    leave_batch(event, job)
    enqueue_alone(event, new_job(), crashes, stamp, now, timeout_s, failure_ttl_s(at), recovery_ms)
  end
  forget_job(job)
end

-- Returns how many deliveries that was.
local function expire_deliveries(event, gateway, subscriptions)
  local number = 0
  for subscription in string.gmatch(subscriptions or '', '%S+') do
    local delivery = delivery_of(event, subscription)
    if move(delivery, gateway, 'expire') then leave_stream(delivery) end
    redis.call('ZREM', K.due, 'd:' .. delivery)
    redis.call('ZREM', K.dead .. gateway, delivery) -- without its body it is nobody's to replay
    number = number + 1
  end
  return number
end

local function sweep_event(event)
  local facts = redis.call('HMGET', K.event .. event, 'state', 'gateway', 'at', 'job', 'crashes', 'subscriptions')
  local state, gateway, at = facts[1], facts[2], tonumber(facts[3])
  if not state then
    redis.call('ZREM', K.due, 'e:' .. event)
    return nil
  end
  if not (gateway and at) or state == 'waiting' and not (facts[4] and tonumber(facts[5])) then
    return unknown('e:' .. event)
  end
  if now < at + retention_ms then
    -- In its line, an event is nobody's to recover.
    if state == 'waiting' and facts[4] ~= '' then
      recover_event(event, gateway, at, facts[4], tonumber(facts[5]))
    else
      again('e:' .. event, at + retention_ms)
    end
    return nil
  end
  if state == 'waiting' then
    decide_event(event, gateway, facts[4], 'expired', 'decided_at', now)
  end
  work = work + expire_deliveries(event, gateway, facts[6])
  finish_event(event)
  redis.call('ZREM', K.due, 'e:' .. event) -- now: what is due next is read before the script ends
end

-- Retries that need a job, by gateway, and the gateways in the order in which they were found.
local retries, retrying = {}, {}

local function join_batch(delivery, gateway)
  if not retries[gateway] then
    retries[gateway] = {}
    retrying[#retrying + 1] = gateway
  end
  table.insert(retries[gateway], delivery)
end

-- Whoever dies has a job of its own, which fails and stands alone in RQ's FailedJobRegistry.
local function enqueue_death(delivery, event)
  local job, at = new_job(), tonumber(redis.call('HGET', K.event .. event, 'at') or now)
  redis.call('HSET', K.delivery .. delivery, 'ticket', job)
  enqueue('deliveries', job, 'workers.jobs.attempt', '["' .. delivery .. '"]', 'declare dead ' .. delivery, stamp,
    timeout_s, failure_ttl_s(at))
end

local function sweep_delivery(delivery)
  local member = 'd:' .. delivery
  local facts = redis.call('HMGET', K.delivery .. delivery, 'state', 'attempt', 'tries', 'ticket', 'event', 'gateway')
  local state, ticket = facts[1], facts[4]
  if state ~= 'sent' and state ~= 'retrying' and state ~= 'exhausted' then
    redis.call('ZREM', K.due, member)
    return nil
  end
  if not (tonumber(facts[2]) and tonumber(facts[3]) and facts[5] and facts[6]) then return unknown(member) end
  local pause_ms = recovery_ms
  if state == 'sent' then
    again(member, now + pause_ms)
    return { 'deadline', delivery, facts[2], facts[3] }
  end
  if not ticket or ticket == '' or not still_waits('deliveries', ticket) then
    if state == 'retrying' then
      join_batch(delivery, facts[6])
    elseif redis.call('LLEN', K.rq_queue .. 'deliveries') < DYING then
      enqueue_death(delivery, facts[5])
    else
      pause_ms = DYING_PAUSE_MS
    end
  end
  again(member, now + pause_ms)
end

local function enqueue_retries(deliveries)
  local job = new_job()
  for _, delivery in ipairs(deliveries) do redis.call('HSET', K.delivery .. delivery, 'ticket', job) end
  local what = #deliveries == 1 and 'retry ' .. deliveries[1] or 'retry ' .. #deliveries .. ' deliveries'
  enqueue('deliveries', job, 'workers.jobs.attempt', '["' .. table.concat(deliveries, '", "') .. '"]', what, stamp,
    timeout_s, math.floor(retention_ms / 1000))
end

-- One batch of each gateway, then the next one of each that has more.
local function enqueue_all_retries()
  local first, is_over = 1, false
  while not is_over do
    is_over = true
    for _, gateway in ipairs(retrying) do
      local last = math.min(first + RETRIES - 1, #retries[gateway])
      if first <= last then
        enqueue_retries({ unpack(retries[gateway], first, last) })
        is_over = false
      end
    end
    first = first + RETRIES
  end
end

-- Repos that need a job for their poll.
local polls = {}

local function sweep_repo(repo)
  local member = 'g:' .. repo
  local facts = redis.call('HMGET', K.repo .. repo, 'gateway', 'ticket', 'leased_until')
  if not facts[1] then
    redis.call('ZREM', K.due, member)
  elseif is_polled(facts[3], now) then
    again(member, tonumber(facts[3]))
  elseif facts[2] and facts[2] ~= '' and still_waits('git', facts[2]) then
    again(member, now + recovery_ms)
  else
    polls[#polls + 1] = repo
    again(member, now + recovery_ms)
  end
end

local function enqueue_all_polls()
  for first = 1, #polls, POLLS do
    enqueue_polls(new_job(), { unpack(polls, first, math.min(first + POLLS - 1, #polls)) }, now, stamp)
  end
end

-- Removed; or one that ends by itself, when no tunnel serves it.
local function sweep_subscription(member, gateway, subscription)
  if redis.call('EXISTS', K.subscription .. subscription) == 1 then
    if is_served(gateway, subscription) then
      redis.call('ZREM', K.due, member) -- due again when that tunnel is gone
      return nil
    end
    take_away_subscription(gateway, subscription)
  end
  again(member, now + recovery_ms)
  return { 'subscription', gateway, subscription }
end

local KINDS = { t = 'tunnel', w = 'webhook' }
local function look(member)
  local kind, name = string.match(member, '^(%a):(.+)$')
  if kind == 'e' then return sweep_event(name) end
  if kind == 'd' then return sweep_delivery(name) end
  if kind == 'g' then return sweep_repo(name) end
  local gateway, id = string.match(name or '', '^([^:]+):(.+)$')
  if kind == 's' and id then return sweep_subscription(member, gateway, id) end
  if not (KINDS[kind or ''] and id) then return unknown(member) end
  again(member, now + recovery_ms)
  return { KINDS[kind], gateway, id }
end

local answer = { 1, 0, -1 }
for _, member in ipairs(redis.call('ZRANGE', K.due, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit)) do
  if work >= WORK then break end
  work = work + 1
  local is_sound, item = pcall(look, member)
  if not is_sound then
    again(member, now + recovery_ms)
    item = { 'broken', member, type(item) == 'table' and item.err or tostring(item) }
  end
  if item then answer[#answer + 1] = item end
  answer[2] = answer[2] + 1
end
enqueue_all_retries()
enqueue_all_polls()
feed({ now = now, stamp = stamp, recovery_ms = recovery_ms, timeout_s = timeout_s, retention_ms = retention_ms,
  base = job_base, events = tonumber(ARGV[11]), bytes = tonumber(ARGV[12]) })
local first = redis.call('ZRANGE', K.due, 0, 0, 'WITHSCORES')
if first[2] then answer[3] = math.floor(tonumber(first[2])) end
return answer
