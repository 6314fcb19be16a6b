-- Says that a node is alive, forgets those that have not said so for a while, and counts the rest.
--
-- KEYS[1]  a sorted set: node id by the time of its last beat in milliseconds, by the clock of Redis
-- ARGV[1]  the id of the node that calls
-- ARGV[2]  milliseconds after which a silent node is forgotten
-- Replies  how many nodes are alive, the caller among them
--
-- O(log(n) + forgotten). Atomic.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local patience = tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - patience)
redis.call('PEXPIRE', KEYS[1], 2 * patience)
return redis.call('ZCARD', KEYS[1])
