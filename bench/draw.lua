-- wrk: every request is another user's, drawn at random from the file TOKENS (one token a line). Prints what came of it as JSON.
local requests, length = {}, 0

function init(arguments)
  math.randomseed(os.time())
  for token in io.lines(os.getenv("TOKENS")) do
    length = length + 1
    requests[length] = wrk.format("GET", "/questions?limit=10&age=12", { ["Authorization"] = "Bearer " .. token })
  end
end

function request()
  return requests[math.random(length)]
end

function done(summary, latency, _)
  local errors = summary.errors
  print(string.format(
    '{"requests": %d, "microseconds": %d, "bytes": %d, "bad_status": %d, "broken": %d, "p50": %d, "p99": %d}',
    summary.requests, summary.duration, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(50), latency:percentile(99)))
end
