-- Learns what sources have counted, and adds to counts: all within their most, or none.
--
-- A count is a hash: "+" all that was added, "-" all that was given back, and both again for each source, with its name
-- behind. What a source has counted only ever grows, so the larger number is the true one, and what is learnt twice, late
-- or from somebody else does no harm.
--
-- KEYS     one per count, all in one slot. No key twice.
-- ARGV[1]  the source that adds
-- ARGV     then five for each key: amount (may be negative when most is empty), most (empty: add without asking), what
--          sources have counted (a line "added returned source" for each), whether that is all that is known of the count
--          (1) or some (0), seconds to keep a key that begins now
-- Replies  1, 0, the first count afterwards   all were added
--          0, i, count                        nothing was added, the i-th does not fit in its count
--          -1, i, j, ...                      nothing was learnt or added: these have no key, and not all was told of them
--
-- O(number of keys and sources told). Atomic.
-- Numbers are whole up to 2^53, exact in the doubles of Lua, and stop there.

local MOST = 9007199254740992

local added, returned, begun, unknown = {}, {}, {}, {-1}
for i = 1, #KEYS do
  local sums = redis.call('HMGET', KEYS[i], '+', '-')
  begun[i] = sums[1] or sums[2]
  if not begun[i] and ARGV[5 * i] == '0' then
    unknown[#unknown + 1] = i
  end
  added[i] = tonumber(sums[1] or 0)
  returned[i] = tonumber(sums[2] or 0)
end
if #unknown > 1 then
  return unknown
end

local function grow(key, sum, sign, source, to)
  local field = sign .. source
  local from = tonumber(redis.call('HGET', key, field) or 0)
  to = math.min(MOST, to)
  if to <= from then
    return sum
  end
  sum = math.min(MOST, sum + (to - from)) -- in this order, or doubles would round
  redis.call('HSET', key, field, to, sign, sum)
  return sum
end

local function keep(i)
  if not begun[i] and redis.call('EXPIRE', KEYS[i], ARGV[5 * i + 1]) == 1 then
    begun[i] = true
  end
end

local counts = {}
for i = 1, #KEYS do
  for plus, minus, source in string.gmatch(ARGV[5 * i - 1], '(%d+) (%d+) ([^\n]+)') do
    added[i] = grow(KEYS[i], added[i], '+', source, tonumber(plus))
    returned[i] = grow(KEYS[i], returned[i], '-', source, tonumber(minus))
  end
  keep(i)
  counts[i] = math.max(0, added[i] - returned[i])
end
for i = 1, #KEYS do
  local most = tonumber(ARGV[5 * i - 2])
  if most and (counts[i] > most or tonumber(ARGV[5 * i - 3]) > most - counts[i]) then
    return {0, i, counts[i]}
  end
end

local source = ARGV[1]
for i = 1, #KEYS do
  local amount = tonumber(ARGV[5 * i - 3])
  if amount > 0 then
    local own = tonumber(redis.call('HGET', KEYS[i], '+' .. source) or 0)
    added[i] = grow(KEYS[i], added[i], '+', source, own + amount)
  elseif amount < 0 then
    local own = tonumber(redis.call('HGET', KEYS[i], '-' .. source) or 0)
    returned[i] = grow(KEYS[i], returned[i], '-', source, own + math.min(-amount, counts[i]))
  end
  keep(i)
end
return {1, 0, math.max(0, added[1] - returned[1])}
