-- Changes fields of a webhook, if it is still what the caller has seen.
-- ARGV: Gateway ID, webhook id, the version that the caller has seen, number of secrets that are gone, their
--   ids, then names and values of the fields.
-- Returns: 1; 0 when the gateway has no such webhook; -1 when it was changed meanwhile.
-- Invariant: the version grows with every change, and no change is made on top of one that its caller has not
--   seen. Nothing is remembered of secrets that are gone.
-- Run twice: changes nothing, and answers the same unless something else was changed in between. (No two sealed
--   values are equal, so fields that are as they are wanted are the same call, or nothing to do.)
local id, seen, gone = ARGV[2], ARGV[3], tonumber(ARGV[4])
local key, changes = K.webhook .. id, {}
if redis.call('HGET', key, 'gateway') ~= ARGV[1] then return 0 end
for i = 5 + gone, #ARGV, 2 do
  if redis.call('HGET', key, ARGV[i]) ~= ARGV[i + 1] then
    changes[#changes + 1] = ARGV[i]
    changes[#changes + 1] = ARGV[i + 1]
  end
end
if #changes == 0 then return 1 end
if redis.call('HGET', key, 'version') ~= seen then return -1 end
redis.call('HSET', key, unpack(changes))
redis.call('HINCRBY', key, 'version', 1)
if gone > 0 then redis.call('ZREM', K.matched .. id, unpack(ARGV, 5, 4 + gone)) end
return 1
