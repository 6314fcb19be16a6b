-- Makes a count at least so large.
--
-- KEYS[1]  the count
-- ARGV[1]  the least that it is to be
-- ARGV[2]  seconds to keep a key that begins now
-- Replies  nothing
--
-- O(1). Atomic. A count that is larger stays as it is.

local count = tonumber(redis.call('GET', KEYS[1]) or -1)
if count < 0 then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
elseif count < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1], 'KEEPTTL')
end
