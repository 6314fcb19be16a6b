-- What wrk sends and tells. Before this stand two names: `keys`, a file of keys, one a line, an empty file for none; and
-- `threads`, how many there are. Of one key all requests are the same text, made once; several take turns, and each thread
-- begins at its share of them.
-- Prints: requests, errors, bytes, microseconds, and the latencies in microseconds at 50, 99, 99.9 and 100 per cent.

local counter = 0

function setup(thread)
  thread:set("place", counter)
  counter = counter + 1
end

local requests, at

function init(args)
  local all = {}
  for key in io.lines(keys) do
    if #key > 0 then
      all[#all + 1] = key
    end
  end
  requests = {}
  for i = 1, math.max(1, #all) do
    if #all > 0 then
      wrk.headers["X-API-Key"] = all[i]
    end
    requests[i] = wrk.format()
  end
  at = math.floor(place * #requests / threads)
  if #requests == 1 then
    request = nil
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, all)
  local e = summary.errors
  local faults = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format("answers: %d %d %d %d %d %d %d %d\n",
    summary.requests, faults, summary.bytes, summary.duration,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9), latency.max))
end
