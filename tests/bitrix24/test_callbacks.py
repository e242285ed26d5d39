"""CallbackClient outside: only public addresses are called, whatever their names lead to."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from b24app.bitrix24.callbacks import CallbackClient
from b24app.bitrix24.connections import Connections
from b24app.bitrix24.public_addresses import is_public_url
from tests.support.attacker import Attacker


def test_nothing_is_posted_to_private_addresses(attacker: Attacker) -> None:
    client = CallbackClient(Connections(is_insecure_allowed=False))
    port = attacker.host.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "[::1]"):
        assert not client.post(f"http://{host}:{port}/", b"{}", {})
    # The address that was really reached is judged, so there may have been a connection; nothing was sent through it.
    assert set(attacker.heard) <= {b"", b"connected"}


@pytest.fixture
def dripping() -> Iterator[str]:
    """The address of a server that sends an answer byte by byte, forever."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            peer, _address = listener.accept()
            with peer, suppress(OSError):
                peer.sendall(b"HTTP/1.1 200 OK\r\n")
                while not ended.wait(0.05):
                    peer.sendall(b"X")

        thread = threading.Thread(target=drip)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        ended.set()
        thread.join()


def test_an_answer_that_never_ends_is_not_waited_for(dripping: str) -> None:
    client = CallbackClient(Connections(is_insecure_allowed=True), read_seconds=0.3)
    began = time.monotonic()
    assert not client.post(dripping, b"{}", {})
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("https://hooks.example.com/x?y=1", True),
        ("https://8.8.8.8/x", True),
        ("http://hooks.example.com/", False),
        ("https://127.0.0.1/", False),
        ("https://10.0.0.1/", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("https://[::1]/", False),
        ("https://[64:ff9b::7f00:1]/", False),
        ("https://localhost/", False),
        ("https://intranet/", False),
        ("https://user@hooks.example.com/", False),
        ("https://hooks.example.com:0/", False),
        ("https://hooks.example.com:99999/", False),
        ("https://hooks.example.com/#part", False),
        ("//hooks.example.com/", False),
        ("", False),
    ],
)
def test_what_is_not_public_is_refused_when_it_is_given(address: str, *, is_public: bool) -> None:
    assert is_public_url(address, is_insecure_allowed=False) == is_public
