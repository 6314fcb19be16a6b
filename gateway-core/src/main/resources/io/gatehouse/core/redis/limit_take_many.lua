-- Takes the charges of requests, for each request all or none; or only says what would happen.
--
-- KEYS     the buckets of all requests. No key twice.
-- ARGV[1]  'redis' to go by the clock of Redis, or microseconds since 2026-01-01T00:00Z
-- ARGV[2]  milliseconds by which the clocks of callers may differ; 0 with the clock of Redis
-- ARGV     then the requests, each with
--            'take', 'peek' or 'lease'
--            the number of its charges
--            and five for each charge: index of its key (from 1, no two alike in a request), interval (units until one
--            permit comes back), scale (units in a microsecond, a power of two), burst, permits to take;
--            of a lease that is the least, and a sixth is the most
-- Replies  numbers, for each request
--            allowed (1 or 0), index of the tightest charge in the request (from 1), permits left in it, microseconds
--            until all charges pass (0: now, -1: never), microseconds until the bucket of the tightest is full
--            and after a lease two for each charge: permits taken, permits left
--
-- O(number of charges). Atomic: requests see what those before them took, and nothing else comes between.
-- Writes only what was taken, or to hold a debt that had to be cut.
--
-- What a bucket is, and why it is counted so, is said in limit_take.lua, which decides the same for one request alone, with
-- fewer words: through this script who comes alone would wait a tenth longer.

local EPOCH = 1767225600 -- as in limit_take.lua
local now
if ARGV[1] == 'redis' then
  local time = redis.call('TIME')
  now = (tonumber(time[1]) - EPOCH) * 1000000 + tonumber(time[2])
else
  now = tonumber(ARGV[1])
end
local skew = tonumber(ARGV[2])

local ceil, floor, number, unpacked = math.ceil, math.floor, tonumber, struct.unpack -- found faster than globals
local states = redis.call('MGET', unpack(KEYS))
local changed, replies = {}, {}
local n, at = 0, 1
local debts, leads, cut = {}, {}, {} -- of the charges of one request

while ARGV[at + 2] do
  local verb, count = ARGV[at + 2], number(ARGV[at + 3])
  local width = verb == 'lease' and 6 or 5
  local first = at + 4 - width
  at = at + 2 + width * count
  local allowed = true
  local tightest, least, longest, reset
  for i = 1, count do
    local a = first + width * i
    local state = states[number(ARGV[a])]
    local interval, scale, burst = number(ARGV[a + 1]), number(ARGV[a + 2]), number(ARGV[a + 3])
    local cost = number(ARGV[a + 4])
    local room = burst * interval
    local debt, lead = 0, 0
    cut[i] = false
    if state then
      local moment, owed, unit = unpacked('>ddd', state)
      if moment > now and moment - now <= skew * 1000 then
        lead = moment - now
      end
      debt = ceil(owed / unit * scale) - (now + lead - moment) * scale
      if debt < 0 then
        debt = 0
      elseif debt > room then
        debt = room
        cut[i] = true
      end
    end
    local wait = 0
    if cost > burst then
      wait = -1
    elseif cost * interval > room - debt then
      wait = lead + ceil((cost * interval - (room - debt)) / scale)
    end
    debts[i], leads[i] = debt, lead
    if wait ~= 0 then
      if allowed or wait == -1 or (longest ~= -1 and wait > longest) then
        allowed = false
        tightest, longest = i, wait
        least, reset = floor((room - debt) / interval), lead + ceil(debt / scale)
      end
    elseif allowed then
      local after = debt + cost * interval
      local left = floor((room - after) / interval)
      if not least or left < least then
        tightest, least, reset = i, left, lead + ceil(after / scale)
      end
    end
  end

  local head = n
  n = n + 5
  for i = 1, count do
    local a = first + width * i
    local interval, scale = number(ARGV[a + 1]), number(ARGV[a + 2])
    local cost = allowed and number(ARGV[a + 4]) or 0
    if width == 6 then
      local there = floor((number(ARGV[a + 3]) * interval - debts[i]) / interval)
      if allowed then
        cost = math.min(number(ARGV[a + 5]), there)
        if i == tightest or there - cost < least then
          tightest, least, reset = i, there - cost, leads[i] + ceil((debts[i] + cost * interval) / scale)
        end
      end
      replies[n + 1], replies[n + 2] = cost, there - cost
      n = n + 2
    end
    if verb ~= 'peek' and (allowed or cut[i]) then
      local key, debt = number(ARGV[a]), debts[i] + cost * interval
      states[key] = struct.pack('>ddd', now + leads[i], debt, scale)
      changed[key] = ceil(debt / scale / 1000) + 1 + 2 * skew
    end
  end
  replies[head + 1], replies[head + 2], replies[head + 3] = allowed and 1 or 0, tightest, least
  replies[head + 4], replies[head + 5] = allowed and 0 or longest, reset
end

for key, millis in pairs(changed) do
  redis.call('SET', KEYS[key], states[key], 'PX', millis)
end
return replies
