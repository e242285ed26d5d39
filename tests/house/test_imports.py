"""Modules that only some processes or requests need are not imported by all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.support.served import PROJECT

# Migrations, the queue, PostgreSQL, the token endpoint, pictures, metrics.
LATER = (
    *("alembic", "huey", "psycopg", "sqlalchemy.dialects.postgresql"),
    *("authlib", "requests", "urllib3", "joserfc", "PIL", "prometheus_client"),
)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    settings = {"PATH": os.environ["PATH"], "APP_URL": "https://logbook.example", "B24_CLIENT_ID": "local.1"}
    settings |= {"B24_CLIENT_SECRET": "s" * 50, "SECRET_KEY": "k" * 50, "TOKEN_KEYS": Fernet.generate_key().decode()}
    return settings | {"DATABASE_URL": f"sqlite:///{tmp_path / 'logbook.db'}"}


def test_a_command_loads_no_pages(environment: dict[str, str]) -> None:
    loaded = {}
    for command in (("worker", "--help"), ("routes",)):
        words = [sys.executable, "-X", "importtime", "-m", "flask", "--app", "app", *command]
        run = subprocess.run(words, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True)
        loaded[command[0]] = [name for name in ("b24app.worker", "b24app.routes") if name in run.stderr]
    assert loaded == {"worker": ["b24app.worker"], "routes": ["b24app.worker", "b24app.routes"]}


def test_starting_loads_nothing_that_is_needed_later() -> None:
    said = "import sys, b24app; print([name for name in sys.argv[1:] if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", said, *LATER], cwd=PROJECT, check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "[]"


def test_what_was_loaded_is_never_searched_for_garbage_and_what_comes_later_is(environment: dict[str, str]) -> None:
    said = "import app, gc; print(gc.get_freeze_count() > len(gc.get_objects()), gc.isenabled())"
    words = [sys.executable, "-c", said]
    run = subprocess.run(words, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "True True"
