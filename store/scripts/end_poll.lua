-- Ends the poll of a Git repo. A head that subscribers do not know of becomes an event, in this very step.
-- Refused when Redis is full (no allow-oom): the lease ends, and the poll is made again.
-- ARGV: repo id, job id, version of the repo that was polled, outcome ('head', 'failed', 'host_failed'), the head's
--       commit, what is wrong in words ('' = nothing), the commit that it follows on, branch that was found, now, stamp,
--       a fresh job id, dice [0, 1), retention_ms, recovery_ms, timeout_s, queue_limit, then what a gateway without limits
--       of its own may have: stored_events, stored_mib, deliveries, queue_share; then the event of the head: its id,
--       size, sealed ('' = the head is what it follows on), and the tag object that leads to the head ('' = none does); then
--       the Git webhook that it is sealed for ('' = none), where the server says that the repository is now,
--       log_length, log_life_ms.
-- Returns: 'announced', 'seen' (nothing new), 'failed', 'stale' (the repo was changed meanwhile), 'void' (another
--       poll's turn, or the repo is gone), or why the head is not announced yet: 'no_receiver', 'paused', 'full', 'stored_events',
--       'stored_mib', 'deliveries', 'queue_share'.
-- Invariant: `commit` moves exactly when its event is accepted, and only by the holder of the lease.
-- Run twice: the second one is void.
local id, job, version, outcome, head, error_said = unpack(ARGV, 1, 6)
local previous, branch, now, stamp, next_job, dice = ARGV[7], ARGV[8], tonumber(ARGV[9]), ARGV[10], ARGV[11], tonumber(ARGV[12])
local retention_ms, recovery_ms, timeout_s, queue_limit = tonumber(ARGV[13]), tonumber(ARGV[14]), ARGV[15], tonumber(ARGV[16])
local event, size, sealed, tag, receiver, moved_to = unpack(ARGV, 21, 26)
local log = { length = tonumber(ARGV[27]), life_ms = tonumber(ARGV[28]) }
local LOOK_MS, LOOKED_MS = POLL.look_ms, POLL.looked_ms
local FULL_MS, PAUSED_MS, FAILED_MS = 10000, 60000, POLL.failed_ms
local key, member = K.repo .. id, 'g:' .. id
local names = { 'gateway', 'poll', 'version', 'commit', 'seen', 'wanted', 'wanted_at', 'commit_at', 'again', 'interval', 'heard',
  'disabled', 'failures', 'host', 'began_at', 'source', 'webhook_commit', 'warning', 'ticket', 'name' }
local repo = {}
for i, value in ipairs(redis.call('HMGET', key, unpack(names))) do repo[names[i]] = value or '' end
if repo.gateway == '' or repo.poll ~= job then return 'void' end
local gateway, host = repo.gateway, K.host .. repo.gateway .. ':' .. repo.host

-- Whether the event of a new head was kept; else why not.
local function announce()
  local webhook = redis.call('HGET', K.gateway .. gateway, 'git_webhook')
  if not webhook then return 'no_receiver' end
  if redis.call('HGET', K.webhook .. webhook, 'paused') == '1' then return 'paused' end
  if tonumber(redis.call('GET', K.waiting) or '0') >= queue_limit then return 'full' end
  local server = { events = ARGV[17], mib = ARGV[18], deliveries = ARGV[19], queue_share = ARGV[20], queue = queue_limit }
  local reached = reached_limit(read_tenant(gateway, server), listeners_of(webhook), #sealed)
  if reached then return reached end
  redis.call('SET', K.body .. event, sealed, 'PX', retention_ms + 3600000)
  redis.call('HSET', K.event .. event, 'gateway', gateway, 'webhook', webhook, 'at', now, 'size', size, 'kept', #sealed,
    'state', 'waiting', 'type', 'git.commit', 'note', repo.name .. ' ' .. head, 'keep_s', life_s(gateway, log, now))
  log_events(gateway, { event }, log, now)
  local own = { length = log.length, life_ms = math.min(log.life_ms, life_s(gateway, log, now) * 1000) }
  log_events(webhook, { event }, own, now)
  enqueue_alone(event, next_job .. '-e', 0, stamp, now, timeout_s, math.floor(retention_ms / 1000), recovery_ms)
  redis.call('INCR', K.waiting)
  redis.call('HINCRBY', K.webhook .. webhook, 'events', 1)
  redis.call('HSET', K.webhook .. webhook, 'last_at', now)
  count(gateway, 'event:accepted', 1)
  count(gateway, 'event:waiting', 1)
  count(gateway, 'stored:events', 1)
  count(gateway, 'stored:bytes', #sealed)
  return 'announced'
end

-- Whether the head is what a push has named. Of an annotated tag, hosts name the object and not the commit.
local function is_head(named) return outcome == 'head' and (named == head or named == tag and tag ~= '') end

-- What the head says; returns the answer and, when a look is due sooner than usual, after how long.
local function note_head()
  redis.call('HSET', key, 'polling_commit', head, 'polled_at', now, 'branch', branch, 'error', '', 'failures', 0,
    'moved_to', moved_to)
  redis.call('DEL', host)
  local answer, soon = 'seen', nil
  if head ~= repo.commit then
    -- Whoever polled before this one has moved the commit: its event would say that it follows on another one.
    -- And an event is sealed for the receiver that there was when the poll began.
    local found = redis.call('HGET', K.gateway .. gateway, 'git_webhook') or ''
    if previous ~= repo.commit or found ~= receiver then return 'stale', 0 end
    answer = announce()
    if answer ~= 'announced' then
      redis.call('HSET', key, 'warning', answer)
      return answer, answer == 'paused' and PAUSED_MS or FULL_MS
    end
    repo.seen = remember(repo.seen, head)
    repo.commit_at = now
    redis.call('HSET', key, 'commit', head, 'previous', repo.commit, 'commit_at', now, 'commit_source',
      repo.source == 'webhook' and 'webhook' or 'polling', 'seen', repo.seen, 'warning', '')
  elseif repo.warning ~= '' and is_head(repo.webhook_commit) then
    redis.call('HSET', key, 'warning', '')
  end
  return answer, soon
end

-- A commit that a push has named need not be visible yet: look for it again for a while.
local function look_again()
  local wanted_at = tonumber(repo.wanted_at)
  if repo.wanted == '' or not wanted_at then return nil end
  if is_head(repo.wanted) or outcome == 'head' and was_seen(repo.seen, repo.wanted) then
    redis.call('HSET', key, 'wanted', '')
    return nil
  end
  if now < wanted_at + LOOKED_MS then
    redis.call('HSET', key, 'asked', 'webhook')
    return LOOK_MS
  end
  redis.call('HSET', key, 'wanted', '')
  -- A head that moved since is that commit or a later one.
  if tonumber(repo.commit_at) == nil or tonumber(repo.commit_at) <= wanted_at then
    redis.call('HSET', key, 'warning', 'not_visible')
  end
end

local host_until

-- Twice as long after each failure, up to a quarter of an hour.
local function pause_after(failures, least)
  return math.max(least, math.min(FAILED_MS, least * 2 ^ math.min(failures, 20)))
end

local function note_failure()
  local failures = tonumber(repo.failures ~= '' and repo.failures or 0) + 1
  redis.call('HSET', key, 'error', error_said, 'failures', failures, 'polled_at', now)
  if outcome == 'host_failed' then
    local fails = redis.call('HINCRBY', host, 'failures', 1)
    local until_ms = now + math.floor(pause_after(fails, POLL.default_ms) * (1 + dice / 10))
    redis.call('HSET', host, 'until', until_ms)
    host_until = until_ms
    redis.call('PEXPIRE', host, 2 * FAILED_MS)
  end
  return failures
end

redis.call('HSET', key, 'poll', '', 'leased_until', '')
redis.call('ZREM', K.polls, id)
redis.call('ZREM', K.polling .. gateway, id)
local answer, soon, failures = 'failed', nil, 0
if repo.version ~= version then
  answer, soon = 'stale', 0
elseif outcome == 'head' then
  answer, soon = note_head()
else
  failures = note_failure()
end
soon = soon or look_again()
local interval = interval_of(repo.interval, repo.heard)
if repo.again == '1' or soon == 0 then
  redis.call('HSET', key, 'again', 0)
  enqueue_polls(next_job, { id }, now, stamp)
elseif repo.ticket ~= '' then
  -- The lease was over: another job has the next poll by now, unless it is lost.
  redis.call('ZADD', K.due, now + LOST_MS, member)
elseif soon then
  redis.call('ZADD', K.due, now + soon, member)
elseif repo.disabled == '1' and failures == 0 then
  redis.call('ZREM', K.due, member)
else
  local pause = failures == 0 and interval or pause_after(failures, interval)
  local from = failures == 0 and tonumber(repo.began_at) or now
  local when = math.max(now, math.floor(from + pause * (1 + dice / 10)))
  -- Another one tries first whether the host is back: it may be this repo alone that the host fails at.
  if host_until then when = math.max(when, host_until + POLL.default_ms) end
  redis.call('ZADD', K.due, when, member)
end
return answer
