"""Fixtures: real databases, the portal in a box over real HTTP, and Logbook itself."""

import gc
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import hypothesis
import pytest
from coverage import Coverage
from cryptography.fernet import Fernet
from flask import Flask
from hypothesis import HealthCheck

from b24app import configure, create_app
from b24app.config import Config
from devportal import Box, Portal
from devportal.persistence import BoxState
from tests.support.attacker import Attacker, install
from tests.support.databases import Databases, PostgreSqlDatabases, SqliteFiles
from tests.support.installations import Installation, begins_installed, keep
from tests.support.installations import install as install_anew
from tests.support.logbook import Logbook
from tests.support.postgresql import PostgreSql, memory, serving

CLIENT_ID = "local.5f0c1d2e3b4a59.12345678"
CLIENT_SECRET = "client-secret-" + "s" * 36
SECRET_KEY = "secret-key-" + "k" * 36
TOKEN_KEY = Fernet.generate_key().decode()
TEST_DATABASE = f"test_{os.getpid()}"

# A busy machine must not decide whether a test passes, and examples may share a fixture's portal.
SUPPRESSED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=SUPPRESSED)
hypothesis.settings.load_profile("patient")

# Each test makes an application and drops it: collecting garbage after every 700 objects takes a seventh of the time.
gc.set_threshold(50_000, 20, 20)

# The fixture of each kind.
DATABASES = {"sqlite": "sqlite_files", "postgresql": "postgresql_databases"}
# For what a database cannot make any difference to; everything else is tested on both kinds.
any_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], help="run no test on another kind of database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests on a database that was not asked for, and begin with the longest.

    Otherwise one process would still be busy with a long one when the others have ended.
    """
    wanted = config.getoption("database")
    others = [item for item in items if wanted and _database_of(item) not in {None, wanted}]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]
    items.sort(key=_seconds_allowed, reverse=True)


def pytest_sessionfinish() -> None:
    """Write what was measured for the coverage: pytest-xdist kills a process that takes long to end."""
    if measured := Coverage.current():
        measured.save()


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
def sqlite_files(migrated_file: Path) -> Iterator[Databases]:
    with tempfile.TemporaryDirectory(prefix="logbook-sqlite-", dir=memory()) as folder:
        yield SqliteFiles(Path(folder) / "logbook.db", migrated_file)


@pytest.fixture(scope="session")
def postgresql_databases(postgresql: PostgreSql, migrated_template: str) -> Databases:
    return PostgreSqlDatabases(postgresql, TEST_DATABASE, migrated_template)


@pytest.fixture(params=list(DATABASES))
def database_url(request: pytest.FixtureRequest, installation: Installation | None) -> Iterator[str]:
    """A migrated database, empty or with Logbook installed; a test that asks for it runs on both kinds."""
    databases: Databases = request.getfixturevalue(DATABASES[request.param])
    yield databases.create(is_installed=installation is not None)
    databases.drop()


@pytest.fixture(scope="session")
def applications() -> dict[str, Flask]:
    """One application for each database address: making one costs more than most tests."""
    return {}


@pytest.fixture(scope="session")
def installations() -> dict[str, Installation]:
    """The latest one for each kind of database."""
    return {}


@pytest.fixture
def installation(
    request: pytest.FixtureRequest, installations: dict[str, Installation], applications: dict[str, Flask]
) -> Installation | None:
    """The installation that the test begins with; None if it makes one of its own, or none."""
    if not begins_installed(request.node):
        return None
    kind = _database_of(request.node)
    assert kind
    if kind not in installations or not installations[kind].is_usable:
        databases: Databases = request.getfixturevalue(DATABASES[kind])
        with new_box() as box:
            installations[kind] = keep(databases, box, lambda url: serve(settings_for(box, url), applications))
    return installations[kind]


@pytest.fixture
def box(installation: Installation | None) -> Iterator[Box]:
    """The portal in a box, whose application listens nowhere yet: tests post for the browser."""
    with new_box(installation.box_state() if installation else None) as box:
        box.portals[0].events.sent.extend(installation.sent if installation else ())
        yield box


@pytest.fixture
def portal(box: Box) -> Portal:
    return box.portals[0]


@pytest.fixture
def settings(box: Box, database_url: str) -> Config:
    return settings_for(box, database_url)


@pytest.fixture
def logbook(settings: Config, applications: dict[str, Flask]) -> Iterator[Logbook]:
    """Logbook in this process, on its database."""
    with closing(serve(settings, applications)) as logbook:
        yield logbook


@pytest.fixture
def installed(logbook: Logbook, portal: Portal, installation: Installation | None) -> Logbook:
    """Logbook, installed in the portal by its administrator."""
    if not installation:
        install_anew(logbook, portal)
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


def new_box(state: BoxState | None = None) -> Box:
    return Box(
        app_url="http://127.0.0.1:9", client_id=CLIENT_ID, client_secret=CLIENT_SECRET, title="Logbook", state=state
    )


def settings_for(box: Box, database_url: str) -> Config:
    return Config.from_environment(environment(box, database_url))


def serve(settings: Config, applications: dict[str, Flask]) -> Logbook:
    """With the application that there is for the database's address, or a new one."""
    app = applications.get(settings.database_url)
    if app is None:
        app = applications[settings.database_url] = create_app(settings)
    else:
        configure(app, settings, app.extensions["logbook"].engine)
    return Logbook(app)


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


def _seconds_allowed(item: pytest.Item) -> float:
    """The time limit of a test that has one of its own; 0 for the others, which are short."""
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) if marker else 0


def _database_of(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("database_url") if callspec else None


def migrate(url: str) -> None:
    settings = {"APP_URL": "https://x.y", "B24_CLIENT_ID": "x", "B24_CLIENT_SECRET": "x", "SECRET_KEY": SECRET_KEY}
    logbook = Logbook(create_app(Config.from_environment({**settings, "TOKEN_KEYS": TOKEN_KEY, "DATABASE_URL": url})))
    result = logbook.app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert result.exit_code == 0, result.output
    logbook.close()
