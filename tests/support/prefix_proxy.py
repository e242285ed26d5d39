"""A proxy before Logbook, which serves it below a path of its own address, as many companies have one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

PATH = "/logbook"
OWN = {"connection", "content-length", "date", "server", "transfer-encoding", "content-encoding"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "PrefixProxy"

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def log_message(self, *_line: object) -> None:
        """Nobody reads it."""

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in OWN}
        if not self.path.startswith(f"{PATH}/"):
            self._answer(404, {}, b"nothing here but below the path")
            return
        path = self.path.removeprefix(PATH) if self.server.is_stripping else self.path
        answer = requests.request(
            self.command, self.server.target + path, data=body, headers=headers, allow_redirects=False, timeout=60
        )
        self._answer(answer.status_code, dict(answer.headers), answer.content)

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in OWN:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class PrefixProxy(ThreadingHTTPServer):
    """Passes on what is below PATH, with the path or, stripping, without it, to ``target``."""

    daemon_threads = True

    def __init__(self, *, is_stripping: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.is_stripping = is_stripping
        self.target = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}{PATH}"


@contextmanager
def proxy(*, is_stripping: bool) -> Iterator[PrefixProxy]:
    with PrefixProxy(is_stripping=is_stripping) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
