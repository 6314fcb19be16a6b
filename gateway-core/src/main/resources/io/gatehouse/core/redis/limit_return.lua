-- Gives back what was taken by limit_take.lua, for requests that did not happen.
--
-- KEYS     one per charge: the bucket
-- ARGV[1]  'redis' to go by the clock of Redis, or microseconds since 2026-01-01T00:00Z
-- ARGV[2]  milliseconds by which the clocks of callers may differ; 0 with the clock of Redis
-- ARGV     then three for each key: interval, scale, cost, as in limit_take.lua
-- Replies  nothing
--
-- O(number of keys). Atomic. A bucket without a key is full already; one that owes nothing more loses its key.

local EPOCH = 1767225600 -- as in limit_take.lua
local now
if ARGV[1] == 'redis' then
  local time = redis.call('TIME')
  now = (tonumber(time[1]) - EPOCH) * 1000000 + tonumber(time[2])
else
  now = tonumber(ARGV[1])
end
local skew = tonumber(ARGV[2])

for i = 1, #KEYS do
  local state = redis.call('GET', KEYS[i])
  if state then
    local at = 3 * i
    local interval, scale, cost = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
    local moment, owed, unit = struct.unpack('>ddd', state)
    local reckoned = now
    if moment > now and moment - now <= skew * 1000 then
      reckoned = moment -- the clock of this caller is behind; see limit_take.lua
    end
    local debt = math.ceil(owed / unit * scale) - (reckoned - moment) * scale - cost * interval
    if debt > 0 then
      redis.call('SET', KEYS[i], struct.pack('>ddd', reckoned, debt, scale),
        'PX', math.ceil(debt / scale / 1000) + 1 + 2 * skew)
    else
      redis.call('DEL', KEYS[i])
    end
  end
end
