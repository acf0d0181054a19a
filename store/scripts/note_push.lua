-- Notes that the host of a Git repo has named a commit; unless subscribers know of it, the repo is polled at once.
-- ARGV: Gateway ID, repo id, the commit, the one before ('' = unknown), a fresh job id, now, stamp,
--       1 when a secret vouches for the push.
-- Returns: 'triggered', 'known', or 'gone' when the gateway has no such repo.
-- Invariant: what a host says is a reason to look, never a result: `commit` does not move here. Only a push that a
--       secret vouches for makes polls rare (`heard`).
-- Run twice: changes nothing: the poll waits already, or begins.
local gateway, id, commit, before, job = unpack(ARGV, 1, 5)
local now, stamp, is_proven = tonumber(ARGV[6]), ARGV[7], ARGV[8] == '1'
local key = K.repo .. id
local facts = redis.call('HMGET', key, 'gateway', 'commit', 'seen', 'poll')
if facts[1] ~= gateway then return 'gone' end
redis.call('HSET', key, 'webhook_commit', commit, 'webhook_at', now, 'warning', '')
if is_proven then redis.call('HSET', key, 'heard', 1) end
-- Where a push began was the head once: a webhook that names it later comes too late to wait for it.
if before ~= '' then redis.call('HSET', key, 'seen', remember(facts[3], before)) end
-- A poll under way may have seen what this push has taken back, and announce it yet.
if facts[2] == commit and (facts[4] or '') == '' then
  redis.call('HSET', key, 'wanted', '')
  return 'known'
end
redis.call('HSET', key, 'wanted', commit, 'wanted_at', now)
request_poll(id, 'webhook', job, now, stamp)
return 'triggered'
