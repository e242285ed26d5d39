"""The settings: all problems at once, in one message."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from b24app.config import DEFAULT_AUTHORITIES, INSTANCE, Config, ConfigInvalid

PROJECT = Path(__file__).parent.parent.parent

WHOLE = {
    "APP_URL": "https://logbook.example.com/",
    "B24_CLIENT_ID": "local.1",
    "B24_CLIENT_SECRET": "client-secret",
    "SECRET_KEY": "secret-key-" + "k" * 32,
    "TOKEN_KEYS": "VGhpcyBpcyBhIGtleSBmb3IgdGVzdHMsIG5vIG90aGU=",
}


def test_only_what_is_required_must_be_set() -> None:
    settings = Config.from_environment(WHOLE)
    assert settings.app_url == "https://logbook.example.com"
    assert settings.authorities == tuple(DEFAULT_AUTHORITIES.split(","))
    assert settings.database_url == f"sqlite:///{INSTANCE / 'logbook.db'}"
    assert not settings.is_insecure_allowed


def test_one_message_names_every_missing_setting() -> None:
    with pytest.raises(ConfigInvalid) as caught:
        Config.from_environment({})
    assert all(f"{name}: is missing" in str(caught.value) for name in WHOLE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_URL", "logbook.example.com"),
        ("APP_URL", "https://user@logbook.example.com"),
        ("APP_URL", "https://logbook.example.com/?x=1"),
        ("APP_URL", "https://example.com/a/../b"),
        ("APP_URL", "https://example.com/a b"),
        ("APP_URL", "https://example.com//a"),
        ("B24_OAUTH_URL", "https://oauth.bitrix.info,ftp://example.com"),
        ("APP_URL", "http://logbook.example.com"),
        ("B24_OAUTH_URL", "https://oauth.bitrix.info,http://oauth.example.com"),
        ("B24_OAUTH_URL", "https://oauth.bitrix.info/rest/"),
        ("B24_OAUTH_URL", "https://oauth.bitrix.info,https://oauth.bitrix24.tech/oauth/token/"),
        ("B24_CLIENT_ID", '"local.1"'),
        ("B24_CLIENT_ID", "‘local.1’"),
        ("B24_CLIENT_SECRET", "'client-secret'"),
        ("B24_CLIENT_SECRET", "client secret"),
        ("SECRET_KEY", "x"),
        ("SECRET_KEY", "x" * 31),
        ("METRICS_ADDRESS", "::1:9100"),
        ("METRICS_ADDRESS", "[::1]"),
        ("METRICS_ADDRESS", "[::1]:99999"),
        ("TOKEN_KEYS", "too-short"),
        ("TOKEN_KEYS", f"{WHOLE['TOKEN_KEYS']},"),
        ("DATABASE_URL", "not an address"),
        ("DATABASE_URL", "mysql://localhost/logbook"),
        ("B24_ALLOW_INSECURE", "yes"),
        ("OPERATOR_NAME", "x" * 256),
        ("OPERATOR_CONTACT", "javascript:alert(1)"),
        ("OPERATOR_CONTACT", "http://example.com"),
        ("PRIVACY_PAGE", "/nowhere/privacy.txt"),
        ("LICENCE_PAGE", "/usr/bin/env"),
    ],
)
def test_a_malformed_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigInvalid, match=name):
        Config.from_environment({**WHOLE, name: value})


@pytest.mark.parametrize("driver", ["", "ql", "ql+psycopg", "ql+psycopg2", "ql+asyncpg", "ql+pg8000"])
def test_every_spelling_of_postgresql_leads_to_one_driver(driver: str) -> None:
    address = f"postgres{driver}://u:p@h/d"
    assert Config.from_environment({**WHOLE, "DATABASE_URL": address}).database_url == "postgresql+psycopg://u:p@h/d"


@pytest.mark.parametrize("address", ["sqlite:////a/b.db", "sqlite+aiosqlite:////a/b.db", "sqlite+pysqlite:////a/b.db"])
def test_every_spelling_of_sqlite_leads_to_one_driver(address: str) -> None:
    assert Config.from_environment({**WHOLE, "DATABASE_URL": address}).database_url == "sqlite:////a/b.db"


def test_http_is_for_the_portal_in_a_box() -> None:
    addresses = {"APP_URL": "http://127.0.0.1:8000", "B24_OAUTH_URL": "http://127.0.0.1:8001"}
    config = Config.from_environment({**WHOLE, **addresses, "B24_ALLOW_INSECURE": "1"})
    assert (config.app_url, config.authorities) == ("http://127.0.0.1:8000", ("http://127.0.0.1:8001",))


@pytest.mark.parametrize("address", ["127.0.0.1:9100", "[::1]:9100", "[fe80::1%eth0]:9100", "localhost:9100"])
def test_metrics_may_be_at_any_kind_of_address(address: str) -> None:
    assert Config.from_environment({**WHOLE, "METRICS_ADDRESS": address}).metrics_address == address


def test_printing_the_settings_shows_no_secret() -> None:
    shown = repr(Config.from_environment({**WHOLE, "DATABASE_URL": "postgresql://u:hidden@h/d"}))
    assert not any(secret in shown for secret in ("client-secret", "secret-key", WHOLE["TOKEN_KEYS"], "hidden"))


@pytest.mark.parametrize(
    "command",
    [["-m", "flask", "--app", "app", "db", "upgrade"], ["-m", "gunicorn", "--bind", "127.0.0.1:0", "app:app"]],
)
def test_a_start_without_settings_ends_at_once_with_that_message(command: list[str]) -> None:
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    run = subprocess.run(
        [sys.executable, *command], cwd=PROJECT, env=environ, capture_output=True, text=True, timeout=30, check=False
    )
    assert run.returncode != 0
    assert run.stderr.count("Logbook cannot start") == 1
    assert "TOKEN_KEYS: is missing" in run.stderr
    assert "Traceback" not in run.stderr
