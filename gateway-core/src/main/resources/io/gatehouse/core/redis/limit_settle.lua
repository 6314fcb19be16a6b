-- Gives back what was taken, for requests that did not happen or are over; or takes without asking. Begins with
-- limit_counts.lua.
--
-- KEYS     one per charge: the bucket. No key twice; those of tokens first.
-- ARGV     the four of limit_counts.lua
-- ARGV[5]  'return' or 'debit'
--          then four for each key: interval, scale, burst, cost, or letter, form, permits, cost
-- Replies  nothing
--
-- O(number of keys, and what limit_counts.lua says). Atomic. A bucket without a key is full already; one of tokens that
-- owes nothing more loses its key. What would make a bucket owe more than its burst is forgiven.

local debits = ARGV[5] == 'debit'
for i = 1, #KEYS do
  local at = 4 * i + 2
  local interval, limit, cost = number(ARGV[at]), number(ARGV[at + 2]), number(ARGV[at + 3])
  if not interval then
    local count = counts[ARGV[at]](KEYS[i], ARGV[at + 1], limit, cost)
    count.put(debits and max(0, min(cost, count.free + limit)) or -cost)
  else
    local scale = number(ARGV[at + 1])
    local moment, debt = now, 0
    local state = call('GET', KEYS[i])
    if state then
      local written, owed, unit = unpacked('>ddd', state)
      moment = now + (behind(written) or 0)
      debt = max(0, ceil(owed / unit * scale) - (moment - written) * scale)
    end
    if debits then
      debt = min(debt + cost * interval, max(debt, min(EXACT, 2 * limit * interval)))
    else
      debt = debt - cost * interval
    end
    if debt > 0 then
      keep(KEYS[i], packed('>ddd', moment, debt, scale), debt / scale)
    elseif state then
      call('DEL', KEYS[i])
    end
  end
end
