-- For wrk: each thread posts a body of its own, from the file given and its own number, with a new number for each NUMBER
-- in it, and gets where none is given; the second argument is one more header. SHOWN is what the latest answer says that
-- the page shows, as our script sends it.

local threads = 0

function setup(thread)
  thread:set("place", threads)
  threads = threads + 1
end

function init(arguments)
  if arguments[1] then
    body = io.open(arguments[1] .. place):read("*a")
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  end
  if arguments[2] then
    local name, value = arguments[2]:match("^(.-): (.*)$")
    wrk.headers[name] = value
  end
  started = os.time()
  number = 0
  shown = "0"
  if not (body and body:find("SHOWN")) then response = nil end
end

function request()
  number = number + 1
  return wrk.format(nil, nil, nil, body and body:gsub("NUMBER", started .. "-" .. place .. "-" .. number):gsub("SHOWN", shown))
end

function response(status, headers, text)
  shown = text:match('name="shown" value="(%d+)"') or shown
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("RESULT %d %f\n", summary.requests, summary.duration / 1e6))
  for _, kind in ipairs({"connect", "read", "write", "timeout", "status"}) do
    if errors[kind] > 0 then io.write(string.format("FAILED %d by %s\n", errors[kind], kind)) end
  end
end
