-- Reads who listens to webhooks.
-- ARGV: webhook ids.
-- Returns: for each webhook the rows {subscription id, flat hash} of its subscriptions, oldest first.
-- Invariant: reads only.
-- Run twice: changes nothing.
local answers = {}
for place, webhook in ipairs(ARGV) do
  local ids = redis.call('SMEMBERS', K.routes .. webhook)
  table.sort(ids)
  local rows = {}
  for _, id in ipairs(ids) do
    local fields = redis.call('HGETALL', K.subscription .. id)
    if #fields > 0 then rows[#rows + 1] = {id, fields} end
  end
  answers[place] = rows
end
return answers
