-- Takes all charges or none, of buckets of tokens; or only says what would happen.
--
-- KEYS     one per charge: the bucket. No key twice.
-- ARGV[1]  'take' or 'peek'
-- ARGV[2]  'redis' to go by the clock of Redis, or microseconds since 2026-01-01T00:00Z
-- ARGV[3]  milliseconds by which the clocks of callers may differ; 0 with the clock of Redis
-- ARGV     then four for each key: interval (units until one permit comes back), scale (units in a microsecond, a power
--          of two), burst, cost
-- Replies  allowed (1 or 0), index of the tightest charge (from 1), permits left in it, microseconds until the same
--          charges pass (0: now, -1: never), microseconds until its bucket is full
--
-- O(number of keys). Atomic. Writes only when allowed, or to hold a debt that had to be cut.
--
-- A bucket is what it owes: a debt, in units, at a moment, in microseconds. A debt shrinks by scale units in every
-- microsecond; a permit costs interval units; burst * interval is the room for debt. That is GCRA with its arrival time
-- in two parts, so that an interval far below a microsecond does not drown in the digits of the date. All are whole
-- numbers up to 2^53, exact in the doubles of Lua; struct.pack keeps every bit of them where tostring would not.
-- What is taken without asking may leave a debt of twice the room. One beyond that means a lowered limit or a clock that
-- went back: it counts as twice the room, and as the wait that is told starts now, the cut is written down.
-- Where callers bring their clocks, one that is behind reckons from the moment that one ahead has written: were it to cut
-- the debt at its own time, each change between the two would refill the bucket by their difference.

local EPOCH = 1767225600 -- 2026-01-01T00:00Z in seconds: microseconds since then stay below 2^53 for 285 years
local now
if ARGV[2] == 'redis' then
  local time = redis.call('TIME')
  now = (tonumber(time[1]) - EPOCH) * 1000000 + tonumber(time[2])
else
  now = tonumber(ARGV[2])
end
local skew = tonumber(ARGV[3])

local function keep(key, moment, debt, scale)
  redis.call('SET', key, struct.pack('>ddd', moment, debt, scale), 'PX', math.ceil(debt / scale / 1000) + 1 + 2 * skew)
end

local states = redis.call('MGET', unpack(KEYS))
local debts = {}
local leads = {}
local cut = {}
local allowed = true
local tightest, least, longest, reset
for i = 1, #KEYS do
  local at = 4 * i
  local interval, scale = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local burst, cost = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local room = burst * interval
  local debt, lead = 0, 0
  if states[i] then
    local moment, owed, unit = struct.unpack('>ddd', states[i])
    if moment > now and moment - now <= skew * 1000 then
      lead = moment - now
    end
    debt = math.max(0, math.ceil(owed / unit * scale) - (now + lead - moment) * scale)
    local most = math.min(2 * room, 9007199254740992)
    if debt > most then
      debt = most
      cut[i] = true
    end
  end
  local wait = 0
  if cost > burst then
    wait = -1
  elseif cost * interval > room - debt then
    wait = lead + math.ceil((cost * interval - (room - debt)) / scale)
  end
  debts[i], leads[i] = debt, lead
  if wait ~= 0 then
    if allowed or wait == -1 or (longest ~= -1 and wait > longest) then
      allowed = false
      tightest, longest = i, wait
      least, reset = math.max(0, math.floor((room - debt) / interval)), lead + math.ceil(debt / scale)
    end
  elseif allowed then
    local after = debt + cost * interval
    local left = math.floor((room - after) / interval)
    if not least or left < least then
      tightest, least, reset = i, left, lead + math.ceil(after / scale)
    end
  end
end

if ARGV[1] == 'take' then
  for i = 1, #KEYS do
    local at = 4 * i
    local scale = tonumber(ARGV[at + 1])
    if allowed then
      keep(KEYS[i], now + leads[i], debts[i] + tonumber(ARGV[at + 3]) * tonumber(ARGV[at]), scale)
    elseif cut[i] then
      keep(KEYS[i], now + leads[i], debts[i], scale)
    end
  end
end
return {allowed and 1 or 0, tightest, least, allowed and 0 or longest, reset}
