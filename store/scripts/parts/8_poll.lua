-- The polls of Git repos: when one is due, and who may make it. POLL has the times, from domain.git.
--
-- A poll that is due has a ticket, the id of its job; only that job may begin it. Begun, it has a lease (`poll`,
-- `leased_until`), and only its holder may end it. So the polls of one repo never overlap, and what a killed
-- worker leaves behind can be taken up again.
local POLLS = 20 -- polls that share a job
local LOST_MS = 45000 -- a job that has neither begun nor waits after this long was lost, as a lease would have ended
local JOB_TIMEOUT_S, JOB_KEPT_S = 60, 3600

local function is_polled(leased_until, now) return leased_until and leased_until ~= '' and tonumber(leased_until) > now end

-- Gives polls to a job.
local function enqueue_polls(job, repos, now, stamp)
  local due = {}
  for _, repo in ipairs(repos) do
    redis.call('HSET', K.repo .. repo, 'ticket', job)
    due[#due + 1] = now + LOST_MS
    due[#due + 1] = 'g:' .. repo
  end
  redis.call('ZADD', K.due, unpack(due))
  local what = #repos == 1 and 'poll ' .. repos[1] or 'poll ' .. #repos .. ' repos'
  enqueue('git', job, 'workers.git.jobs.poll', '["' .. table.concat(repos, '", "') .. '"]', what, stamp, JOB_TIMEOUT_S,
    JOB_KEPT_S)
end

-- Poll as soon as possible: now, or once more when the poll under way has ended, which may have looked too early.
local function request_poll(repo, source, job, now, stamp)
  local key = K.repo .. repo
  local facts = redis.call('HMGET', key, 'leased_until', 'ticket', 'asked')
  if facts[3] ~= 'webhook' then redis.call('HSET', key, 'asked', source) end
  if is_polled(facts[1], now) then
    redis.call('HSET', key, 'again', 1)
  elseif not facts[2] or facts[2] == '' then
    -- A job that has the ticket need not be looked for: were it lost, the sweeper makes another.
    enqueue_polls(job, { repo }, now, stamp)
  end
end

-- The pause between two polls, in milliseconds.
local function interval_of(interval, heard)
  if interval and interval ~= '' then return tonumber(interval) end
  return heard == '1' and POLL.heard_ms or POLL.default_ms
end

-- The latest commits that were heads, the newest first.
local SEEN = 20
local function remember(seen, commit)
  local kept = { commit }
  for each in string.gmatch(seen or '', '%S+') do
    if each ~= commit and #kept < SEEN then kept[#kept + 1] = each end
  end
  return table.concat(kept, ' ')
end

local function was_seen(seen, commit) return string.find(' ' .. (seen or '') .. ' ', ' ' .. commit .. ' ', 1, true) ~= nil end
