"""The settings: all problems at once, in one message."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from b24app.config import DEFAULT_AUTHORITIES, INSTANCE, SECRETS, Config, ConfigInvalid

PROJECT = Path(__file__).parent.parent.parent

WHOLE = {
    "APP_URL": "https://logbook.example.com/",
    "B24_CLIENT_ID": "local.1",
    "B24_CLIENT_SECRET": "client-secret",
    "SECRET_KEY": "secret-key-" + "k" * 32,
    "TOKEN_KEYS": "VGhpcyBpcyBhIGtleSBmb3IgdGVzdHMsIG5vIG90aGU=",
}


FLASK = ["-m", "flask", "--app", "app"]


def start(command: list[str], environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    how: Any = {"cwd": PROJECT, "capture_output": True, "text": True, "timeout": 60}
    return subprocess.run([sys.executable, *command], env=environ, check=False, **how)


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
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "sqlite:///file:logbook?mode=memory&uri=true"),
        ("B24_ALLOW_INSECURE", "yes"),
        ("LOG_FORMAT", "xml"),
        ("SENTRY_DSN", "https://sentry.example.com/1"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("METRICS_FOLDER", "metrics"),
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


def test_the_default_database_is_outside_the_code_where_systemd_made_a_folder() -> None:
    folder = {"STATE_DIRECTORY": "/var/lib/logbook:/var/lib/other"}
    assert Config.from_environment({**WHOLE, **folder}).database_url == "sqlite:////var/lib/logbook/logbook.db"


@pytest.mark.parametrize("command", [["doctor"], ["db", "upgrade"], ["worker", "--check"]])
def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "file").touch()
    environ = {**os.environ, **WHOLE, "DATABASE_URL": f"sqlite:///{tmp_path}/file/below/logbook.db"}
    run = start([*FLASK, *command], environ)
    assert (run.returncode, run.stderr.count("Traceback")) == (4, 0)
    assert f"DATABASE_URL: the folder {tmp_path}/file/below cannot be made: Not a directory" in run.stderr


def test_each_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secrets = {
        "B24_CLIENT_SECRET": "client-secret",
        "SECRET_KEY": WHOLE["SECRET_KEY"],
        "TOKEN_KEYS": f"{WHOLE['TOKEN_KEYS']}\n{Fernet.generate_key().decode()}",
        "DATABASE_URL": "postgresql+psycopg://u:p@h/d",
        "SENTRY_DSN": "https://key@sentry.example.com/1",
    }
    assert secrets.keys() == SECRETS
    for name, value in secrets.items():
        (tmp_path / name).write_text(f"{value}\n")
    files = {f"{name}_FILE": str(tmp_path / name) for name in secrets}
    config = Config.from_environment({**{name: WHOLE[name] for name in WHOLE.keys() - SECRETS}, **files})
    found = (config.client_secret, config.secret_key, "\n".join(config.token_keys), config.database_url)
    assert (*found, config.sentry_dsn) == tuple(secrets.values())


def test_a_secrets_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    files = {"SECRET_KEY_FILE": str(tmp_path / "missing"), "TOKEN_KEYS_FILE": str(tmp_path / "binary")}
    environ = {name: WHOLE[name] for name in WHOLE if f"{name}_FILE" not in files}
    with pytest.raises(ConfigInvalid) as caught:
        Config.from_environment({**environ, **files, "B24_CLIENT_SECRET_FILE": "/x"})
    for sentence in (
        f"SECRET_KEY: the file {tmp_path}/missing cannot be read: No such file or directory",
        f"TOKEN_KEYS: the file {tmp_path}/binary cannot be read: it is no text",
        "B24_CLIENT_SECRET: is set, and B24_CLIENT_SECRET_FILE is, too",
    ):
        assert sentence in str(caught.value)


def test_what_is_no_secret_is_read_from_no_file(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("local.1")
    environ = {name: value for name, value in WHOLE.items() if name != "B24_CLIENT_ID"}
    with pytest.raises(ConfigInvalid, match="B24_CLIENT_ID: is missing"):
        Config.from_environment({**environ, "B24_CLIENT_ID_FILE": str(tmp_path / "id")})


def test_reports_and_traces_need_packages_that_are_named_where_they_are_missing() -> None:
    hidden = "import sys; sys.modules['sentry_sdk'] = sys.modules['opentelemetry'] = None; import app"
    addresses = {"SENTRY_DSN": "https://key@a.example.com/1", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    run = start(["-c", hidden], {**os.environ, **WHOLE, **addresses})
    assert (run.returncode, "Traceback" in run.stderr) == (4, False), run.stderr
    for name in addresses:
        assert f"{name}: needs a package that is not installed: requirements-watch.lock has it" in run.stderr


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
    run = start(command, environ)
    assert run.returncode != 0
    assert run.stderr.count("Logbook cannot start") == 1
    assert "TOKEN_KEYS: is missing" in run.stderr
    assert "Traceback" not in run.stderr


def test_what_only_a_command_needs_is_not_imported_by_servers_and_workers() -> None:
    rare = {"alembic", "prometheus_client", "sentry_sdk", "opentelemetry"}
    run = start(["-c", f"import app, sys; print({rare!r} & set(sys.modules))"], {**os.environ, **WHOLE})
    assert (run.returncode, run.stdout) == (0, "set()\n"), run.stderr
