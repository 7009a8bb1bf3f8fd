-- Arguments: a file with one request per line, METHOD TAB PATH TAB BODY. Ends with one line of JSON.
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

-- One request is made once: calling Lua for each one costs the generator much of its speed.
local function single(file)
  local method, path, body = io.lines(file)():match("^(%u+)\t([^\t]*)\t(.*)$")
  wrk.method, wrk.path = method, path
  if body ~= "" then
    wrk.body = body
    wrk.headers["Content-Type"] = "application/json"
  end
  request = nil
end

local requests, last, at = {}, 0, 0
function init(args)
  for line in io.lines(args[1]) do
    local method, path, body = line:match("^(%u+)\t([^\t]*)\t(.*)$")
    last = last + 1
    if body == "" then
      requests[last] = wrk.format(method, path)
    else
      requests[last] = wrk.format(method, path, { ["Content-Type"] = "application/json" }, body)
    end
  end
  -- Threads begin at different places.
  at = math.floor(last * number / 8)
  if last == 1 then single(args[1]) end
end

function request()
  at = at + 1
  if at > last then at = 1 end
  return requests[at]
end

function done(summary, latency)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
  io.write(string.format('{"requests":%d,"microseconds":%d,"failed":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, failed, latency:percentile(50), latency:percentile(99)))
end
