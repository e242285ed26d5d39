"""A Logbook that is installed in a portal in a box, on a database of its own, for benchmarks."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from cryptography.fernet import Fernet

from b24app import create_app
from b24app.config import Config
from devportal import Box, Portal
from tests.support.logbook import Logbook
from tests.support.postgresql import serving

CLIENT_ID, CLIENT_SECRET = "local.bench.1", "bench-secret"


@contextmanager
def sqlite() -> Iterator[str]:
    """The address of an empty database; commits are durable."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'bench.db'}"


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of an empty database; commits are durable."""
    with serving(is_careless=False) as server:
        yield server.copy("template0", "bench")


@contextmanager
def installed(database: Callable[[], AbstractContextManager[str]] = sqlite) -> Iterator[tuple[Logbook, Portal]]:
    """Real HTTP to the portal, and a database on disk."""
    with database() as database_url, Box("http://127.0.0.1:9", CLIENT_ID, CLIENT_SECRET) as box:
        environment = {
            "APP_URL": "http://127.0.0.1:9",
            "B24_CLIENT_ID": CLIENT_ID,
            "B24_CLIENT_SECRET": CLIENT_SECRET,
            "B24_OAUTH_URL": box.authority_url,
            "SECRET_KEY": "bench" * 8,
            "TOKEN_KEYS": Fernet.generate_key().decode(),
            "DATABASE_URL": database_url,
            "B24_ALLOW_INSECURE": "1",
        }
        logbook = Logbook(create_app(Config.from_environment(environment)))
        logging.getLogger("b24app").setLevel(logging.CRITICAL)
        logbook.app.test_cli_runner().invoke(args=["db", "upgrade"])
        portal = box.portals[0]
        assert logbook.send(portal.install_frame(portal.administrator)).status == 200
        portal.finish_install()
        yield logbook, portal
        logbook.close()
