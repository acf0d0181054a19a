-- Begins the poll of a Git repo, if this job may make it and it may be made now.
-- ARGV: repo id, job id, now, lease_ms, most polls at once over all gateways, of one gateway, dice [0, 1).
-- Returns: {'begun', flat hash of the repo, id of the gateway's Git webhook ('' = none), the sealed Secret that opens
--       its server ('' = none)};
--       {'busy'} when as many polls as may be are under way; {'waits'} while its host is left alone because it
--       failed; {'void'} when the poll is another job's, or the repo is gone.
-- Invariant: one poll of a repo at a time; of a host that failed, one until it has answered, but for pushes: who
--       calls is well. What does not begin is due again.
-- Run twice: changes nothing; a poll that has begun is answered the same, one that was put off is void.
local id, job, now, lease_ms, dice = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[7])
local key, member = K.repo .. id, 'g:' .. ARGV[1]
local facts = redis.call('HMGET', key, 'gateway', 'ticket', 'poll', 'asked', 'host', 'name', 'leased_until', 'put_off')
local gateway, asked = facts[1], facts[4]
if not gateway or facts[2] ~= job and facts[3] ~= job then return { 'void' } end
local polling = K.polling .. gateway

local function later(when)
  redis.call('HSET', key, 'ticket', '')
  redis.call('ZADD', K.due, when, member)
end

local function is_full(set, most)
  redis.call('ZREMRANGEBYSCORE', set, '-inf', now)
  return redis.call('ZCARD', set) >= tonumber(most) and not redis.call('ZSCORE', set, id)
end

-- After a while one may try whether the host is back; the others wait for what he finds.
local function is_left_alone()
  local host = K.host .. gateway .. ':' .. facts[5]
  local until_ms = tonumber(redis.call('HGET', host, 'until') or 0)
  if asked == 'webhook' or asked == 'sync' or until_ms == 0 then return false end
  if until_ms > now then
    later(until_ms + math.floor(dice * POLL.default_ms))
    return true
  end
  redis.call('HSET', host, 'until', now + lease_ms)
  return false
end

if facts[3] ~= job then
  if is_polled(facts[7], now) then
    later(tonumber(facts[7]))
    return { 'void' }
  end
  -- A quarter is for those who were called or asked: hosts that hang must not hold them up.
  local share = (asked == 'webhook' or asked == 'sync') and 1 or 0.75
  if is_full(K.polls, math.ceil(ARGV[5] * share)) or is_full(polling, math.ceil(ARGV[6] * share)) then
    -- Longer each time: to ask again and again costs what the polls under way would need.
    local times = share == 1 and 0 or tonumber(facts[8] or 0)
    redis.call('HSET', key, 'put_off', times + 1)
    later(now + math.floor(500 * (1 + dice) * 2 ^ math.min(times, 4)))
    return { 'busy' }
  end
  if is_left_alone() then return { 'waits' } end
  local until_ms = now + lease_ms
  redis.call('HSET', key, 'ticket', '', 'poll', job, 'leased_until', until_ms, 'began_at', now, 'again', 0, 'asked', '',
    'source', asked or '', 'put_off', 0)
  redis.call('ZADD', K.polls, until_ms, id)
  redis.call('ZADD', polling, until_ms, id)
  redis.call('PEXPIRE', polling, lease_ms)
  redis.call('ZADD', K.due, until_ms, member)
end
local fields = redis.call('HGETALL', key)
local secret = redis.call('HGET', K.secrets .. gateway, redis.call('HGET', key, 'client_secret'))
return { 'begun', fields, redis.call('HGET', K.gateway .. gateway, 'git_webhook') or '', secret or '' }
