"""Callbacks: an address is notified about an entry's outcome, signed, only at public hosts, and a few times at most."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import select

from b24app.machine_models import Callback
from b24app.services.machines import callbacks
from devportal import Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook
from tests.support.machines import machine, problem

pytestmark = any_database


class Listener:
    """A program that listens for callbacks; ``statuses`` are its next answers, then 204."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, object], str, bytes]] = []
        self.statuses: list[int] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.heard.append((json.loads(body), self.headers[callbacks.SIGNATURE], body))
                self.send_response(listener.statuses.pop(0) if listener.statuses else 204)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_words: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hear?token=abc"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def states(self) -> list[object]:
        return [told["state"] for told, _signature, _body in self.heard]


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.server.shutdown()
    listener.server.server_close()


def left(logbook: Logbook) -> int:
    with logbook.database() as session:
        return len(list(session.scalars(select(Callback))))


def test_the_outcome_is_posted_once_with_a_signature(installed: Logbook, portal: Portal, listener: Listener) -> None:
    client = machine(installed, portal)
    number = client.number(callback_url=listener.url)
    installed.work()
    installed.work()
    ((told, signature, body),) = listener.heard
    assert (told["id"], told["state"], left(installed)) == (number, "posted", 0)
    sent_at, _, digest = signature.removeprefix("t=").partition(",v1=")
    wanted = hmac.new(client.callback_secret.encode(), f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(digest, wanted)


def test_a_refusal_is_posted_with_its_reason(installed: Logbook, portal: Portal, listener: Listener) -> None:
    client = machine(installed, portal)
    portal.deny_edit(portal.administrator, 2, 1)
    client.write(callback_url=listener.url)
    installed.work()
    ((told, _signature, _body),) = listener.heard
    assert (told["state"], told["reason"]) == ("failed", "ACCESS_DENIED")


@pytest.mark.parametrize("status", [302, 400, 404, 500])
def test_a_callback_that_fails_is_repeated_later(
    installed: Logbook, portal: Portal, listener: Listener, status: int
) -> None:
    listener.statuses = [status]
    machine(installed, portal).write(callback_url=listener.url)
    installed.work()
    installed.work()
    assert listener.states() == ["posted"]
    installed.pass_time(callbacks.WAIT_SECONDS[0] + 1)
    installed.work()
    assert (listener.states(), left(installed)) == (["posted", "posted"], 0)


def test_callbacks_are_not_repeated_forever(installed: Logbook, portal: Portal, listener: Listener) -> None:
    listener.statuses = [500] * 20
    machine(installed, portal).write(callback_url=listener.url)
    for _ in range(len(callbacks.WAIT_SECONDS) + 3):
        installed.work()
        installed.pass_time(7 * 3600)
    assert (len(listener.heard), left(installed)) == (len(callbacks.WAIT_SECONDS) + 1, 0)


def test_where_nobody_listens_the_entry_is_delivered_all_the_same(
    installed: Logbook, portal: Portal, free_port: int
) -> None:
    machine(installed, portal).write(callback_url=f"http://127.0.0.1:{free_port}/")
    installed.work()
    assert (len(portal.timeline(2, 1)), left(installed)) == (1, 1)


def test_an_address_that_is_no_address_is_a_wrong_field(installed: Logbook, portal: Portal) -> None:
    assert problem(machine(installed, portal).write(callback_url="ftp://x.example/")) == (422, {"callback_url"})
