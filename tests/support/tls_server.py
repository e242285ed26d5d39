"""A server that speaks TLS with a certificate of a company's own authority, and answers every call alike."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.devportal.tls import make_certificate

ANSWER = b'{"result": {"answered": true}, "access_token": "a", "refresh_token": "r", "member_id": "m"}'


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_line: object) -> None:
        """Nobody reads it."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)


@dataclass(frozen=True)
class TlsServer:
    """``certificate`` is the file that somebody has to trust."""

    url: str
    certificate: Path


@contextmanager
def tls_server(folder: Path, days: int = 2) -> Iterator[TlsServer]:
    certificate = folder / "company.pem"
    make_certificate(["localhost"], certificate, days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield TlsServer(f"https://localhost:{server.server_port}", certificate)
        server.shutdown()
        thread.join()
