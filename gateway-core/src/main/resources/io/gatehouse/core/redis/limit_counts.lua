-- The beginning of limit_take_many.lua and limit_settle.lua: the time, and the buckets that are not of tokens.
--
-- ARGV[1]  'redis' to go by the clock of Redis, or microseconds since 2026-01-01T00:00Z
-- ARGV[2]  milliseconds by which the clocks of callers may differ; 0 with the clock of Redis
-- ARGV[3]  how many of KEYS, the first ones, are buckets of tokens
-- ARGV[4]  the id of the node that calls
--
-- counts[letter](key, form, permits, cost) reads a bucket and answers
--   wait   microseconds until the cost passes (0: now, -1: never)
--   free   permits that are left now; below 0 when permits are owed
--   reset  microseconds until all are there again, and after, until they are when the cost is taken
--   cut    whether the state must be written even if nothing is taken: it was from a time that has not come yet
--   put    writes it with so many permits more taken, or given back when there are fewer
--
-- letter  what a bucket is                                                 form                 O() of a call
--   w     a string: number of the window, count of the one before, count    period               1
--   f     a string: number of the window since 1970, count                  period               1
--   l     a string: a moment for each permit taken, oldest first            period               log(permits) + cost
--   c     a hash: by node the permits it holds, version, end of its life    period:version:held  nodes
--
-- Periods and moments are whole microseconds, numbers are packed as big-endian doubles. Where callers bring their clocks,
-- one that is behind reckons from what one ahead has written; beyond the skew, what is written lies in the future because
-- the clock has gone back, and counts as now.

local EPOCH = 1767225600 -- 2026-01-01T00:00Z in seconds: microseconds since then stay below 2^53 for 285 years
local now
if ARGV[1] == 'redis' then
  local time = redis.call('TIME')
  now = (tonumber(time[1]) - EPOCH) * 1000000 + tonumber(time[2])
else
  now = tonumber(ARGV[1])
end
local skew = tonumber(ARGV[2])

local ceil, floor, number, unpacked = math.ceil, math.floor, tonumber, struct.unpack -- found faster than globals
local call, packed, max, min = redis.call, struct.pack, math.max, math.min
local EXACT = 9007199254740992 -- 2^53

local function keep(key, state, micros)
  call('SET', key, state, 'PX', ceil(micros / 1000) + 1 + 2 * skew)
end

-- How far the clock of this caller is behind a moment that another has written; nil when that is no skew but an error.
local function behind(moment)
  local lead = max(0, moment - now)
  if lead <= skew * 1000 then
    return lead
  end
end

-- count * left / period, rounded up; above 2^53 by a little too much.
local function weigh(count, left, period)
  local product = count * left
  if product >= EXACT then
    return min(count, ceil(product / period * (1 + 2 ^ -50)))
  end
  local weight = floor(product / period)
  if weight * period > product then -- the division has rounded up to a whole number
    weight = weight - 1
  end
  return weight * period < product and weight + 1 or weight
end

-- The most that may be left of a window for a count to weigh no more than the room.
local function left_for(room, count, period)
  if count <= room then
    return period
  end
  local left = floor(room * period / count)
  while left > 0 and weigh(count, left, period) > room do
    left = left - ceil(left * 2 ^ -49)
  end
  return max(0, left)
end

local counts = {}

function counts.w(key, form, permits, cost)
  local period = number(form)
  local index, before, count, lead, cut = floor(now / period), 0, 0, 0, false
  local state = call('GET', key)
  if state then
    local at
    at, before, count = unpacked('>ddd', state)
    if at == index - 1 then
      before, count = count, 0
    elseif at < index then
      before, count = 0, 0
    elseif at > index then
      lead = behind(at * period)
      if lead then
        index = at
      else
        lead, cut = 0, true
      end
    end
  end
  local left = period - (now + lead - index * period)
  local free = permits - count - weigh(before, left, period)
  local wait = 0
  if cost > permits then
    wait = -1
  elseif cost > free then
    local room = permits - cost - count
    wait = lead + left
    if room >= 0 then
      wait = wait - left_for(room, before, period)
    else
      wait = wait + period - left_for(permits - cost, count, period)
    end
  end
  return {
    wait = wait, free = free, after = lead + left + period, cut = cut,
    reset = (count > 0 and lead + left + period) or (before > 0 and lead + left) or 0,
    put = function(more)
      count = count + more
      if count < 0 then
        before, count = max(0, before + count), 0
      end
      if count + before == 0 then
        call('DEL', key)
      else
        keep(key, packed('>ddd', index, before, count), lead + left + period)
      end
    end,
  }
end

function counts.f(key, form, permits, cost)
  local period = number(form)
  local today = now + EPOCH * 1000000
  local index, count, lead, cut = floor(today / period), 0, 0, false
  local state = call('GET', key)
  if state then
    local at
    at, count = unpacked('>dd', state)
    if at < index then
      count = 0
    elseif at > index then
      lead = behind(at * period - EPOCH * 1000000)
      if lead then
        index = at
      else
        lead, cut = 0, true
      end
    end
  end
  local left = (index + 1) * period - today
  local free = permits - count
  return {
    wait = (cost > permits and -1) or (cost > free and left) or 0,
    free = free, reset = count > 0 and left or 0, after = left, cut = cut,
    put = function(more)
      count = max(0, count + more)
      if count == 0 then
        call('DEL', key)
      else
        keep(key, packed('>dd', index, count), left)
      end
    end,
  }
end

function counts.l(key, form, permits, cost)
  local period = number(form)
  local size = call('STRLEN', key) / 8
  local time, lead, cut = now, 0, false
  local function moment(i)
    return min(time, (unpacked('>d', call('GETRANGE', key, 8 * i, 8 * i + 7))))
  end
  if size > 0 then
    lead = behind((unpacked('>d', call('GETRANGE', key, -8, -1))))
    if not lead then
      lead, cut = 0, true
    end
    time = now + lead
  end
  local first, last = 0, size -- the first that is younger than the period
  while first < last do
    local middle = floor((first + last) / 2)
    if time - moment(middle) < period then
      last = middle
    else
      first = middle + 1
    end
  end
  local live = size - first
  local free = permits - live
  local wait = 0
  if cost > permits then
    wait = -1
  elseif cost > free then
    wait = lead + moment(first + cost - free - 1) + period - time
  end
  return {
    wait = wait, free = free, after = lead + period, cut = cut,
    reset = live > 0 and lead + moment(size - 1) + period - time or 0,
    put = function(more)
      local added = more > 0 and string.rep(packed('>d', time), more) or ''
      if cut then
        local kept = {}
        for i = first, size - 1 + min(0, more) do
          kept[#kept + 1] = packed('>d', moment(i))
        end
        added = table.concat(kept) .. added
      elseif more < 0 then
        if live + more > 0 then
          added = call('GETRANGE', key, 8 * first, 8 * (size + more) - 1)
        end
      elseif first <= live then
        call('APPEND', key, added)
        call('PEXPIRE', key, ceil((lead + period) / 1000) + 1 + 2 * skew)
        return
      else -- most of it has expired
        added = call('GETRANGE', key, 8 * first, -1) .. added
      end
      if added == '' then
        call('DEL', key)
      else
        keep(key, added, lead + period)
      end
    end,
  }
end

-- A node tells how much it holds, what it asks for included, under a number that grows with every change; the newest
-- counts, whichever comes last. So nothing is counted twice, and what was lost is made good by what it tells next.
function counts.c(key, form, permits, cost)
  local period, version, held = string.match(form, '(%d+):(%d+):(%d+)')
  period, version, held = number(period), number(version), number(held)
  local others, newer, cut = 0, false, false
  local fresh = now + period + skew * 1000 -- the end of the life of what is told now
  local nodes = call('HGETALL', key)
  for i = 1, #nodes, 2 do
    local theirs, told, ends = unpacked('>ddd', nodes[i + 1])
    if nodes[i] == ARGV[4] then
      newer = told > version
      held = newer and theirs or held
    elseif ends > now then
      others = others + theirs
      cut = cut or ends > fresh + skew * 1000
    end
  end
  local free = permits - others - held + cost
  local UNFORESEEABLE = 1000000
  return {
    wait = (cost > permits and -1) or (cost > free and UNFORESEEABLE) or 0,
    free = free, reset = free < permits and UNFORESEEABLE or 0, after = UNFORESEEABLE, cut = cut,
    put = function(more)
      for i = 1, #nodes, 2 do
        local theirs, told, ends = unpacked('>ddd', nodes[i + 1])
        if ends <= now and nodes[i] ~= ARGV[4] then
          call('HDEL', key, nodes[i])
        elseif ends > fresh + skew * 1000 then -- the clock has gone back
          call('HSET', key, nodes[i], packed('>ddd', theirs, told, fresh))
        end
      end
      if more ~= 0 and not newer then
        call('HSET', key, ARGV[4], packed('>ddd', held, version, fresh))
      end
      call('PEXPIRE', key, ceil(period / 1000) + 1 + 2 * skew)
    end,
  }
end

