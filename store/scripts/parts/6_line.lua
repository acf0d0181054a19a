-- The lines: where the events of a gateway stand that has many waiting already, so that the queue stays short for
-- the others. An event in its line waits, and bears no job. A gateway is in K.lines exactly while its line has events.
local AHEAD = 4 -- so many batches made from lines may stand in the queue

-- Begun, or lost and replaced: a batch that no worker has closed says '0'.
local function has_begun(job) return redis.call('HGET', K.batch .. job, 'closed') ~= '0' end

-- From the front of a line into a batch, until the gateway's part of it is full. What does not wait there any more
-- (cancelled, expired) is passed over. Returns how many events were looked at.
local function serve(gateway, batch, part)
  local line, looked, taken, bytes = K.line .. gateway, 0, 0, 0
  for _, event in ipairs(redis.call('LRANGE', line, 0, part.events - 1)) do
    if bytes >= part.bytes then break end
    looked = looked + 1
    local facts = redis.call('HMGET', K.event .. event, 'state', 'size')
    if facts[1] == 'waiting' then
      batch[#batch + 1] = event
      taken, bytes = taken + 1, bytes + tonumber(facts[2] or 0)
    end
  end
  if looked > 0 then redis.call('LPOP', line, looked) end
  if redis.call('EXISTS', line) == 0 then redis.call('LREM', K.lines, 0, gateway) end
  return looked, taken, bytes
end

-- The events of one batch: from one gateway after the other, an equal part of it each.
local function from_lines(how)
  local lines = redis.call('LLEN', K.lines)
  local batch, room, bytes = {}, how.events, 0
  while room > 0 and bytes < how.bytes and how.looks > 0 do
    local gateway = redis.call('LMOVE', K.lines, K.lines, 'LEFT', 'RIGHT')
    if not gateway then break end
    local part = { events = math.min(room, math.ceil(how.events / lines)),
      bytes = math.min(how.bytes - bytes, math.ceil(how.bytes / lines)) }
    local looked, taken, weight = serve(gateway, batch, part)
    how.looks, room, bytes = how.looks - looked, room - taken, bytes + weight
  end
  return batch, bytes
end

local function enqueue_batch(job, batch, bytes, how)
  local due = {}
  for _, event in ipairs(batch) do
    redis.call('HSET', K.event .. event, 'job', job)
    due[#due + 1] = how.now + how.recovery_ms
    due[#due + 1] = 'e:' .. event
  end
  redis.call('HSET', K.batch .. job, 'born', 0, 'bytes', bytes, 'size', #batch, 'closed', 0, 'runs', 0)
  redis.call('RPUSH', K.members .. job, unpack(batch))
  redis.call('ZADD', K.due, unpack(due))
  redis.call('RPUSH', K.fed, job)
  enqueue('events', job, 'workers.jobs.verify_batch', '[]', 'verify a batch of the lines', how.stamp, how.timeout_s,
    math.floor(how.retention_ms / 1000))
end

-- Bring events from the lines into the queue, as long as few such batches stand there. `how`: now, stamp,
-- recovery_ms, timeout_s, retention_ms, events and bytes of a batch, base of new job ids.
local function feed(how)
  if redis.call('EXISTS', K.lines) == 0 then return end
  for _, job in ipairs(redis.call('LRANGE', K.fed, 0, -1)) do
    if has_begun(job) then redis.call('LREM', K.fed, 1, job) end
  end
  how.looks = AHEAD * how.events -- a line may be long and its events gone; the rest is for the next time
  local number = 0
  for _ = redis.call('LLEN', K.fed) + 1, AHEAD do
    local batch, bytes = from_lines(how)
    if #batch == 0 then return end
    -- A call that is sent again must not name its job like one that is at work.
    repeat number = number + 1 until redis.call('EXISTS', K.rq_job .. how.base .. '-f' .. number) == 0
    enqueue_batch(how.base .. '-f' .. number, batch, bytes, how)
  end
end
