"""How many calls a second the portal in a box answers in one process: `python -m tests.bench.portal`."""

import json
import multiprocessing
import socket
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from devportal import Box

SECONDS = 3.0
CONNECTIONS = 4
REQUIRED = 1_000
ADD = {"entityTypeId": 2, "entityId": 1, "title": "A call", "text": "All agreed.", "iconCode": "call"}


@dataclass(frozen=True)
class Load:
    """One kind of call; `weight` is how many commands it carries."""

    name: str
    method: str
    parameters: dict[str, object]
    weight: int = 1


LOADS = (
    Load("profile", "profile", {}),
    Load("crm.item.get", "crm.item.get", {"entityTypeId": 2, "id": 1}),
    Load("crm.timeline.logmessage.add", "crm.timeline.logmessage.add", {"fields": ADD}),
    Load("batch of 50 profile", "batch", {"cmd": {f"c{number}": "profile" for number in range(50)}}, 50),
)


def main() -> int:
    """Prints one line for each kind of call; 1 when the simplest one is slower than required."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    server.start()
    port, token = ours.recv()
    rates = [measure(load, port, token) for load in LOADS]
    for load, rate in zip(LOADS, rates, strict=True):
        sys.stdout.write(f"{load.name:<30} {rate:>8.0f} requests/s {rate * load.weight:>10.0f} calls/s\n")
    ours.send("stop")
    server.join()
    return 0 if rates[0] >= REQUIRED else 1


def serve(pipe: Connection) -> None:
    with Box(app_url="http://127.0.0.1:9", client_id="local.bench.1", client_secret="bench") as box:
        portal = box.portals[0]
        pipe.send((portal.state.port, portal.frame(portal.administrator).fields["AUTH_ID"]))
        pipe.recv()


def measure(load: Load, port: int, token: str) -> float:
    """Requests a second over kept connections."""
    body = json.dumps({"auth": token, **load.parameters}).encode()
    head = f"POST /rest/{load.method} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n"
    request = f"{head}Accept: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    ends_at = time.perf_counter() + SECONDS
    counts = [0] * CONNECTIONS
    workers = [threading.Thread(target=ask, args=(port, request, ends_at, counts, one)) for one in range(CONNECTIONS)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(counts) / (time.perf_counter() - began)


def ask(port: int, request: bytes, ends_at: float, counts: list[int], number: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.perf_counter() < ends_at:
            connection.sendall(request)
            read_answer(connection)
            counts[number] += 1


def read_answer(connection: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65_536)
    head, _, body = data.partition(b"\r\n\r\n")
    lines: Sequence[bytes] = head.lower().split(b"\r\n")
    if b" 200 " not in lines[0]:
        raise RuntimeError(head.decode())
    length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length"))
    while len(body) < length:
        body += connection.recv(65_536)


if __name__ == "__main__":
    sys.exit(main())
