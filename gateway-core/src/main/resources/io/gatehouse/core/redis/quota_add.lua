-- Adds to counts: all within their most, or none.
--
-- KEYS     one per count. No key twice.
-- ARGV     four for each key: amount (may be negative when most is empty), most (empty: add without asking), seed (what
--          the count begins with if there is no key; empty: not known yet), seconds to keep a key that begins now
-- Replies  state, index, count:
--          1, 0, the first count afterwards   all were added
--          0, i, count                        nothing was added, the i-th does not fit in its count
--          -1, i, 0                           nothing was added, the i-th has no key and no seed was given
--
-- O(number of keys). Atomic: of two callers that bring a seed for the same key the first one's counts, once.
-- Counts are whole numbers up to 2^53, exact in the doubles of Lua, and stop there.

local MOST = 9007199254740992

local states = redis.call('MGET', unpack(KEYS))
local counts = {}
for i = 1, #KEYS do
  local at = 4 * i
  local count = tonumber(states[i] or ARGV[at - 1])
  if not count then
    return {-1, i, 0}
  end
  local most = tonumber(ARGV[at - 2])
  local amount = tonumber(ARGV[at - 3])
  if most and (count > most or amount > most - count) then
    return {0, i, count}
  end
  counts[i] = math.max(0, math.min(MOST, count + amount))
end
for i = 1, #KEYS do
  if states[i] then
    redis.call('SET', KEYS[i], counts[i], 'KEEPTTL')
  else
    redis.call('SET', KEYS[i], counts[i], 'EX', ARGV[4 * i])
  end
end
return {1, 0, counts[1]}
