"""The browser of these tests blocks third-party cookies, as browsers do today."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page


class Setter(BaseHTTPRequestHandler):
    """Sets a cookie that asks to be allowed everywhere, and frames the same address under its other name."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Set-Cookie", "spy=1; Path=/; SameSite=None; Secure")
        self.end_headers()
        port = self.connection.getsockname()[1]
        frame = f'<iframe src="http://127.0.0.1:{port}/inner"></iframe>' if self.path == "/" else ""
        self.wfile.write(f"<!doctype html><link rel=icon href=data:,><h1>{self.path}</h1>{frame}".encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def setter() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Setter)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_frame_of_another_site_keeps_no_cookie(page: Page, setter: int) -> None:
    page.goto(f"http://localhost:{setter}/")
    page.frame_locator("iframe").get_by_role("heading", name="/inner").wait_for()
    assert {cookie["domain"] for cookie in page.context.cookies()} == {"localhost"}
    page.goto(f"http://127.0.0.1:{setter}/inner")
    assert {cookie["domain"] for cookie in page.context.cookies()} == {"localhost", "127.0.0.1"}
