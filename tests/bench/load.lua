-- For wrk: posts the body in the file given, with a new number for each NUMBER in it, and gets where none is given; the
-- second argument is one more header.

function init(arguments)
  if arguments[1] then
    body = io.open(arguments[1]):read("*a")
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  end
  if arguments[2] then
    local name, value = arguments[2]:match("^(.-): (.*)$")
    wrk.headers[name] = value
  end
  started = os.time()
  number = 0
end

function request()
  number = number + 1
  return wrk.format(nil, nil, nil, body and body:gsub("NUMBER", started .. "-" .. number))
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("RESULT %d %f\n", summary.requests, summary.duration / 1e6))
  for _, kind in ipairs({"connect", "read", "write", "timeout", "status"}) do
    if errors[kind] > 0 then io.write(string.format("FAILED %d by %s\n", errors[kind], kind)) end
  end
end
