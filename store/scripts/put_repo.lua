-- Records a Git repo, or what its owner changed about it; a new or changed one is polled at once.
-- ARGV: Gateway ID, name, repo id, the version that the caller has seen (0 = there is none), a mark of this call, most
--       repos of a gateway without a limit of its own, now, stamp, a fresh job id; then names and values of its fields,
--       first of all `form`: SHA-256 of its normal form ('' = no push can mean it), then `follows`: SHA-256 of its
--       branch and revision.
-- Returns: 1; 0 when it was changed or deleted meanwhile; -1 - N when the gateway has N, which is its limit.
-- Invariant: within a gateway a name leads to one repo, and a repo stands under its normal form only. What another
--       description has found out is not mixed up with this one: the version grows. Nor is what pushes have said: of
--       another repository nothing stays, of another branch or revision only that its host calls.
-- Run twice: changes nothing, and answers the same.
local gateway, name, id, seen, mark = unpack(ARGV, 1, 5)
local most, now, stamp, job, form, follows = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8], ARGV[9], ARGV[11], ARGV[13]
local names, key = K.repos .. gateway, K.repo .. id
local before = redis.call('HMGET', key, 'put', 'version', 'form', 'follows')
if before[1] == mark then return 1 end
if redis.call('HGET', names, name) ~= (seen ~= '0' and id) or (before[2] or '0') ~= seen then return 0 end
if seen == '0' then
  most = tonumber(redis.call('HGET', K.gateway .. gateway, 'limit_repos') or most)
  if redis.call('HLEN', names) >= most then return -1 - most end
  redis.call('HSET', names, name, id)
  redis.call('HSET', key, 'gateway', gateway, 'name', name, 'created_at', now)
end
if before[3] and before[3] ~= '' then redis.call('SREM', K.repos_at .. gateway .. ':' .. before[3], id) end
if form ~= '' then redis.call('SADD', K.repos_at .. gateway .. ':' .. form, id) end
if before[3] and (before[3] ~= form or before[4] ~= follows) then
  redis.call('HSET', key, 'wanted', '', 'wanted_at', '', 'seen', '', 'asked', '')
end
if before[3] and before[3] ~= form then redis.call('HSET', key, 'heard', '', 'webhook_commit', '', 'webhook_at', '') end
redis.call('HSET', key, 'put', mark, 'failures', 0, 'error', '', 'warning', '', unpack(ARGV, 10))
redis.call('HINCRBY', key, 'version', 1)
-- Who changes a repo may have mended what its host failed at.
request_poll(id, seen == '0' and 'polling' or 'sync', job, now, stamp)
return 1
