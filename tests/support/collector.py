"""A server that takes whatever is posted to it, in place of one to which reports or traces go."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

import brotli

UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress}


@contextmanager
def collecting() -> Iterator[tuple[str, Queue[tuple[str, bytes]]]]:
    """Its host and port, and the paths and bodies that it is sent, unpacked."""
    received: Queue[tuple[str, bytes]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            unpack = UNPACK.get(self.headers.get("Content-Encoding", ""))
            received.put((self.path, unpack(body) if unpack else body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_line: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"127.0.0.1:{server.server_port}", received
        server.shutdown()
