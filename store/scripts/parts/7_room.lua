-- The limits of a gateway: whether one more event of it may be kept.

-- What it has and may have. `server`: what one without limits of its own may have, and the limit of the queue.
local function read_tenant(gateway, server)
  local used = redis.call('HMGET', K.counts .. gateway, 'event:waiting', 'stored:events', 'stored:bytes',
    'delivery:in_flight')
  local own = redis.call('HMGET', K.gateway .. gateway, 'limit_queue_share', 'limit_stored_events', 'limit_stored_mib',
    'limit_deliveries', 'log_length')
  return { waiting = tonumber(used[1] or 0), events = tonumber(used[2] or 0), bytes = tonumber(used[3] or 0),
    deliveries = tonumber(used[4] or 0), most_deliveries = tonumber(own[4] or server.deliveries),
    most_waiting = tonumber(own[1] or server.queue_share) * server.queue, most_events = tonumber(own[2] or server.events),
    most_bytes = tonumber(own[3] or server.mib) * 1048576, log_length = tonumber(own[5] or math.huge) }
end

local function listeners_of(webhook) return math.max(1, redis.call('SCARD', K.routes .. webhook)) end

-- What waits may become a delivery for each subscription of its webhook: it counts as that, or a burst would be far
-- beyond the limit before the first of it is fanned out.
local function reached_limit(tenant, listeners, kept)
  if tenant.waiting >= tenant.most_waiting then return 'queue_share' end
  if tenant.events >= tenant.most_events then return 'stored_events' end
  if tenant.deliveries + (tenant.waiting + 1) * listeners > tenant.most_deliveries then return 'deliveries' end
  if tenant.bytes + kept > tenant.most_bytes then return 'stored_mib' end
end
