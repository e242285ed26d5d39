"""The settings: read from the environment once, checked all together, never changed afterwards."""

import os
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PROJECT = Path(__file__).parent.parent
INSTANCE = PROJECT / "instance"
PATH = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
DEFAULT_AUTHORITIES = "https://oauth.bitrix.info,https://oauth.bitrix24.tech"


class ConfigInvalid(Exception):
    """One message that names every setting that is missing or malformed."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Logbook cannot start. Mend these settings:\n" + "\n".join(f"  {line}" for line in problems))


@dataclass(frozen=True)
class Config:
    """What the operator decided; the README's table has a line for each environment variable."""

    app_url: str
    client_id: str
    client_secret: str = field(repr=False)
    authorities: tuple[str, ...]
    secret_key: str = field(repr=False)
    token_keys: tuple[str, ...] = field(repr=False)
    database_url: str = field(repr=False)
    is_insecure_allowed: bool = False
    metrics_address: str = ""
    trusted_proxies: int = 0
    ca_bundle: str = ""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        """Read and check every variable; raises ConfigInvalid with all problems at once."""
        problems: list[str] = []
        values: dict[str, Any] = {}
        for name, (attribute, default, read) in VARIABLES.items():
            raw = environ.get(name, "").strip() or default
            try:
                values[attribute] = read(raw)
            except ValueError as problem:
                problems.append(f"{name}: {problem if raw else 'is missing'}")
        if problems:
            raise ConfigInvalid(problems)
        return cls(**values)


def _text(raw: str) -> str:
    if not raw:
        raise ValueError("is empty")
    return raw


def _address(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("must look like https://logbook.example.com")
    return raw.rstrip("/")


def _app_address(raw: str) -> str:
    address = _address(raw)
    if not PATH.fullmatch(urlsplit(address).path):
        raise ValueError("may have a path of letters, digits, dots, hyphens and underscores, such as /logbook")
    return address


def _addresses(raw: str) -> tuple[str, ...]:
    return tuple(_address(part.strip()) for part in raw.split(","))


def _keys(raw: str) -> tuple[str, ...]:
    keys = tuple(part.strip() for part in raw.split(","))
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        raise ValueError("must be Fernet keys, 32 bytes in url-safe base64, comma separated") from None
    return keys


def _database(raw: str) -> str:
    try:
        url = make_url(raw)
    except (ArgumentError, ValueError):
        raise ValueError("must be an SQLAlchemy address such as postgresql://user@host/name") from None
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise ValueError("must be an address of SQLite or PostgreSQL")
    return url.render_as_string(hide_password=False)


def _switch(raw: str) -> bool:
    if raw not in {"0", "1"}:
        raise ValueError("must be 0 or 1")
    return raw == "1"


def _count(raw: str) -> int:
    if not (raw.isascii() and raw.isdecimal() and len(raw) == 1):
        raise ValueError("must be a number from 0 to 9")
    return int(raw)


def _listening_address(raw: str) -> str:
    host, _, port = raw.rpartition(":")
    if raw and not (host and port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError("must look like 127.0.0.1:9100")
    return raw


def _certificates(raw: str) -> str:
    try:
        if raw:
            ssl.create_default_context(cafile=raw)
    except OSError:
        raise ValueError("must be a file of certificates (PEM) that Logbook may read") from None
    return raw


VARIABLES: dict[str, tuple[str, str, Callable[[str], Any]]] = {
    "APP_URL": ("app_url", "", _app_address),
    "B24_CLIENT_ID": ("client_id", "", _text),
    "B24_CLIENT_SECRET": ("client_secret", "", _text),
    "B24_OAUTH_URL": ("authorities", DEFAULT_AUTHORITIES, _addresses),
    "SECRET_KEY": ("secret_key", "", _text),
    "TOKEN_KEYS": ("token_keys", "", _keys),
    "DATABASE_URL": ("database_url", f"sqlite:///{INSTANCE / 'logbook.db'}", _database),
    "B24_ALLOW_INSECURE": ("is_insecure_allowed", "0", _switch),
    "METRICS_ADDRESS": ("metrics_address", "", _listening_address),
    "TRUSTED_PROXIES": ("trusted_proxies", "0", _count),
    "CA_BUNDLE": ("ca_bundle", "", _certificates),
}
