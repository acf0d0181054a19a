-- Deletes a Git repo. A poll under way has nowhere to end.
-- ARGV: Gateway ID, name.
-- Returns: 1, or 0 when the gateway has no such repo.
-- Invariant: nothing of it is left. The events it has led to are the Git webhook's.
-- Run twice: changes nothing; answers 0.
local gateway, name = ARGV[1], ARGV[2]
local id = redis.call('HGET', K.repos .. gateway, name)
if not id then return 0 end
local form = redis.call('HGET', K.repo .. id, 'form')
if form and form ~= '' then redis.call('SREM', K.repos_at .. gateway .. ':' .. form, id) end
redis.call('DEL', K.repo .. id)
redis.call('ZREM', K.polls, id)
redis.call('ZREM', K.polling .. gateway, id)
redis.call('HDEL', K.repos .. gateway, name)
redis.call('ZREM', K.due, 'g:' .. id)
return 1
