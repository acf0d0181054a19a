-- The life of an event.
local GUARD_S = 86400 -- what says "this happened" outlives the body by a day, or for as long as the event log has it

local left_batches, decided = {}, 0
local gone_bodies, not_due = {}, {} -- deleted at the end, all at once

local function delivery_of(event, subscription)
  return 'dlv_' .. string.sub(event, 5) .. '_' .. string.sub(subscription, 5)
end

-- A body is deleted as soon as nobody needs it; the rest of the event and its deliveries stay as guards.
-- Its gateway stores less from then on: once, for the size that was counted goes with it.
local function finish_event(event)
  local facts = redis.call('HMGET', K.event .. event, 'subscriptions', 'gateway', 'kept', 'keep_s')
  local keep_s = facts[4] or GUARD_S
  if facts[3] then
    redis.call('HDEL', K.event .. event, 'kept')
    count(facts[2], 'stored:events', -1)
    count(facts[2], 'stored:bytes', -tonumber(facts[3]))
  end
  gone_bodies[#gone_bodies + 1] = K.body .. event
  not_due[#not_due + 1] = 'e:' .. event
  redis.call('EXPIRE', K.event .. event, keep_s)
  for subscription in string.gmatch(facts[1] or '', '%S+') do
    redis.call('EXPIRE', K.delivery .. delivery_of(event, subscription), keep_s)
  end
end

-- An event leaves its batch in the script that decides about it, never when the batch closes.
-- One that stands in its gateway's line is in none; the line passes over it when its turn comes.
local function leave_batch(event, job)
  if job == '' then return end
  redis.call('LREM', K.members .. job, 1, event)
  left_batches[job] = true
end

-- The end of waiting: one of rejected, unmatched, duplicate, fanned_out, expired, set_aside. What else is
-- known now (field, value, ...) is written with it.
local function decide_event(event, gateway, job, state, ...)
  redis.call('HSET', K.event .. event, 'state', state, ...)
  leave_batch(event, job)
  decided = decided + 1
  count(gateway, 'event:waiting', -1)
  count(gateway, 'event:' .. state, 1)
end

-- A batch of one, for an event whose batch was lost or is suspected.
local function enqueue_alone(event, job, crashes, stamp, now, timeout_s, failure_ttl_s, recovery_ms)
  redis.call('HSET', K.batch .. job, 'born', 0, 'bytes', 0, 'size', 1, 'closed', 0, 'runs', 0)
  redis.call('RPUSH', K.members .. job, event)
  redis.call('HSET', K.event .. event, 'job', job, 'crashes', crashes)
  redis.call('ZADD', K.due, now + recovery_ms, 'e:' .. event)
  enqueue('events', job, 'workers.jobs.verify_batch', '[]', 'verify ' .. event, stamp, timeout_s, failure_ttl_s)
end
