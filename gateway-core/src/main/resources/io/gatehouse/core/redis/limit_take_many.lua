-- Takes the charges of requests, for each request all or none; or only says what would happen. Begins with
-- limit_counts.lua.
--
-- KEYS     the buckets of all requests. No key twice; those of tokens first.
-- ARGV     the four of limit_counts.lua, then the requests, each with
--            'take', 'peek' or 'lease'
--            the number of its charges
--            and five for each charge: index of its key (from 1, no two alike in a request), interval (units until one
--            permit comes back), scale (units in a microsecond, a power of two), burst, permits to take;
--            or, when it is not of tokens: index, letter, form, permits, permits to take;
--            of a lease that is the least, and a sixth is the most
-- Replies  numbers, for each request
--            allowed (1 or 0), index of the tightest charge in the request (from 1), permits left in it, microseconds
--            until all charges pass (0: now, -1: never), microseconds until the bucket of the tightest is full
--            and after a lease two for each charge: permits taken, permits left
--
-- O(number of charges, and what limit_counts.lua says). Atomic: requests see what those before them took, and nothing else
-- comes between. Writes only what was taken, or to hold a debt that had to be cut.
--
-- What a bucket of tokens is, and why it is counted so, is said in limit_take.lua, which decides the same for one request
-- alone, with fewer words: through this script who comes alone would wait a tenth longer.

local tokens = number(ARGV[3])
local states = tokens > 0 and call('MGET', unpack(KEYS, 1, tokens)) or {}
local changed, replies = {}, {}
local n, at = 0, 3
local debts, leads, cut, others = {}, {}, {}, {} -- of the charges of one request

while ARGV[at + 2] do
  local verb, count = ARGV[at + 2], number(ARGV[at + 3])
  local width = verb == 'lease' and 6 or 5
  local first = at + 4 - width
  at = at + 2 + width * count
  local allowed = true
  local tightest, least, longest, reset
  for i = 1, count do
    local a = first + width * i
    local key = number(ARGV[a])
    local interval, limit, cost = number(ARGV[a + 1]), number(ARGV[a + 3]), number(ARGV[a + 4])
    local wait, free, left, full, after
    if interval then
      local state, scale = states[key], number(ARGV[a + 2])
      local room = limit * interval
      local debt, lead = 0, 0
      cut[i], others[i] = false, nil
      if state then
        local moment, owed, unit = unpacked('>ddd', state)
        if moment > now and moment - now <= skew * 1000 then
          lead = moment - now
        end
        debt = ceil(owed / unit * scale) - (now + lead - moment) * scale
        local most = min(2 * room, EXACT)
        if debt < 0 then
          debt = 0
        elseif debt > most then
          debt = most
          cut[i] = true
        end
      end
      debts[i], leads[i] = debt, lead
      wait = 0
      if cost > limit then
        wait = -1
      elseif cost * interval > room - debt then
        wait = lead + ceil((cost * interval - (room - debt)) / scale)
      end
      free, full = floor((room - debt) / interval), lead + ceil(debt / scale)
      left, after = floor((room - debt - cost * interval) / interval), lead + ceil((debt + cost * interval) / scale)
    else
      local other = counts[ARGV[a + 1]](KEYS[key], ARGV[a + 2], limit, cost)
      others[i], cut[i] = other, other.cut
      wait, free, left, full, after = other.wait, other.free, other.free - cost, other.reset, other.after
    end
    if wait ~= 0 then
      if allowed or wait == -1 or (longest ~= -1 and wait > longest) then
        allowed = false
        tightest, longest = i, wait
        least, reset = max(0, free), full
      end
    elseif allowed then
      if not least or left < least then
        tightest, least, reset = i, left, after
      end
    end
  end

  local head = n
  n = n + 5
  for i = 1, count do
    local a = first + width * i
    local other = others[i]
    local interval, scale = number(ARGV[a + 1]), number(ARGV[a + 2])
    local cost = allowed and number(ARGV[a + 4]) or 0
    if width == 6 then
      local there = other and other.free or floor((number(ARGV[a + 3]) * interval - debts[i]) / interval)
      if allowed and not other then
        cost = min(number(ARGV[a + 5]), there)
        if i == tightest or there - cost < least then
          tightest, least, reset = i, there - cost, leads[i] + ceil((debts[i] + cost * interval) / scale)
        end
      end
      replies[n + 1], replies[n + 2] = cost, max(0, there - cost)
      n = n + 2
    end
    if verb ~= 'peek' and (allowed or cut[i]) then
      if other then
        other.put(cost)
      else
        local key, debt = number(ARGV[a]), debts[i] + cost * interval
        states[key] = packed('>ddd', now + leads[i], debt, scale)
        changed[key] = ceil(debt / scale / 1000) + 1 + 2 * skew
      end
    end
  end
  replies[head + 1], replies[head + 2], replies[head + 3] = allowed and 1 or 0, tightest, least
  replies[head + 4], replies[head + 5] = allowed and 0 or longest, reset
end

for key, millis in pairs(changed) do
  call('SET', KEYS[key], states[key], 'PX', millis)
end
return replies
