"""Fixtures: real databases, the portal in a box over real HTTP, and Logbook itself."""

import gc
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask

from b24app import configure, create_app
from b24app.config import Config
from devportal import Box, Portal
from tests.support.attacker import Attacker, install
from tests.support.logbook import Logbook
from tests.support.postgresql import PostgreSql, memory, serving

CLIENT_ID = "local.5f0c1d2e3b4a59.12345678"
CLIENT_SECRET = "client-secret-" + "s" * 36
SECRET_KEY = "secret-key-" + "k" * 36
TOKEN_KEY = Fernet.generate_key().decode()
TEST_DATABASE = f"test_{os.getpid()}"

# Each test makes an application and drops it: collecting garbage after every 700 objects takes a seventh of the time.
gc.set_threshold(50_000, 20, 20)

# For what a database cannot make any difference to; everything else is tested on both kinds.
any_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], help="run no test on another kind of database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests on a database that was not asked for."""
    wanted = config.getoption("database")
    others = [item for item in items if wanted and _database_of(item) not in {None, wanted}]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSql]:
    """Started by the first test that needs it."""
    with serving(is_careless=True) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "logbook.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_template(postgresql: PostgreSql) -> str:
    """The name of a migrated PostgreSQL database to copy."""
    migrate(postgresql.copy("template0", "template_logbook"))
    return "template_logbook"


@pytest.fixture(scope="session")
def database_file() -> Iterator[Path]:
    """Where the SQLite database of each test is, so that the application need not be made again for it."""
    with tempfile.TemporaryDirectory(prefix="logbook-sqlite-", dir=memory()) as folder:
        yield Path(folder) / "logbook.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty, migrated database; a test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("database_file")
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        yield f"sqlite:///{path}"
        for part in path.parent.glob(f"{path.stem}.*"):
            part.unlink()
        return
    server: PostgreSql = request.getfixturevalue("postgresql")
    yield server.copy(request.getfixturevalue("migrated_template"), TEST_DATABASE)
    server.drop(TEST_DATABASE)


@pytest.fixture(scope="session")
def applications() -> dict[str, Flask]:
    """One application for each database address: making one costs more than most tests."""
    return {}


@pytest.fixture
def box() -> Iterator[Box]:
    """The portal in a box, whose application listens nowhere yet: tests post for the browser."""
    with Box(app_url="http://127.0.0.1:9", client_id=CLIENT_ID, client_secret=CLIENT_SECRET, title="Logbook") as box:
        yield box


@pytest.fixture
def portal(box: Box) -> Portal:
    return box.portals[0]


@pytest.fixture
def settings(box: Box, database_url: str) -> Config:
    return Config.from_environment(environment(box, database_url))


@pytest.fixture
def logbook(settings: Config, applications: dict[str, Flask]) -> Iterator[Logbook]:
    """Logbook in this process, on an empty database."""
    app = applications.get(settings.database_url)
    if app is None:
        app = applications[settings.database_url] = create_app(settings)
    else:
        configure(app, settings, app.extensions["logbook"].engine)
    logbook = Logbook(app)
    yield logbook
    logbook.close()


@pytest.fixture
def installed(logbook: Logbook, portal: Portal) -> Logbook:
    """Logbook, installed in the portal by its administrator."""
    page = logbook.send(portal.install_frame(portal.administrator))
    assert page.status == 200, page.text
    portal.finish_install()
    portal.calls.clear()
    return logbook


@pytest.fixture
def second(installed: Logbook, box: Box) -> Portal:
    """Another portal with Logbook in it."""
    second = box.add_portal(name="Workshop")
    install(installed, second)
    second.calls.clear()
    return second


@pytest.fixture
def attacker() -> Iterator[Attacker]:
    """A listener that must hear nothing."""
    stranger = Attacker()
    yield stranger
    stranger.stop()


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def environment(box: Box, database_url: str) -> dict[str, str]:
    """The settings for a Logbook that trusts the box."""
    return {
        "APP_URL": box.state.authority.applications[0].app_url,
        "B24_CLIENT_ID": CLIENT_ID,
        "B24_CLIENT_SECRET": CLIENT_SECRET,
        "B24_OAUTH_URL": box.authority_url,
        "SECRET_KEY": SECRET_KEY,
        "TOKEN_KEYS": TOKEN_KEY,
        "DATABASE_URL": database_url,
        "B24_ALLOW_INSECURE": "1",
    }


def _database_of(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("database_url") if callspec else None


def migrate(url: str) -> None:
    settings = {"APP_URL": "https://x.y", "B24_CLIENT_ID": "x", "B24_CLIENT_SECRET": "x", "SECRET_KEY": SECRET_KEY}
    logbook = Logbook(create_app(Config.from_environment({**settings, "TOKEN_KEYS": TOKEN_KEY, "DATABASE_URL": url})))
    result = logbook.app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert result.exit_code == 0, result.output
    logbook.close()
