"""A Logbook that is installed in a portal in a box, on a database of its own, for benchmarks."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet

from b24app import create_app
from b24app.config import Settings
from devportal import Box, Portal
from tests.logbook import Logbook

CLIENT = {"client_id": "local.bench.1", "client_secret": "bench-secret"}


@contextmanager
def installed() -> Iterator[tuple[Logbook, Portal]]:
    """Real HTTP to the portal, SQLite on disk with durable commits."""
    with tempfile.TemporaryDirectory() as folder, Box(app_url="http://127.0.0.1:9", **CLIENT) as box:
        environment = {
            "APP_URL": "http://127.0.0.1:9",
            "B24_CLIENT_ID": CLIENT["client_id"],
            "B24_CLIENT_SECRET": CLIENT["client_secret"],
            "B24_OAUTH_URL": box.authority_url,
            "SECRET_KEY": "bench",
            "TOKEN_KEYS": Fernet.generate_key().decode(),
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.db'}",
            "B24_ALLOW_INSECURE": "1",
        }
        logbook = Logbook(create_app(Settings.from_environment(environment)))
        logging.getLogger("b24app").setLevel(logging.CRITICAL)
        logbook.app.test_cli_runner().invoke(args=["db", "upgrade"])
        portal = box.portals[0]
        assert logbook.send(portal.install_frame(portal.administrator)).status == 200
        portal.finish_install()
        yield logbook, portal
        logbook.close()
