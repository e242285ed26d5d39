"""The application over real HTTP, in this process."""

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from tests.support.logbook import Logbook


@pytest.fixture
def served(installed: Logbook) -> Iterator[str]:
    """The address of Logbook."""
    server = make_server("127.0.0.1", 0, installed.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
