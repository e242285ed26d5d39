"""The configuration: read from the environment once, checked as a whole, never changed afterwards."""

import os
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PROJECT = Path(__file__).parent.parent
INSTANCE = PROJECT / "instance"
PATH = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
SHORTEST_SECRET_KEY = 32
LOG_FORMATS = {"text", "json"}
# Each of these may come from a file instead, named by the same variable with _FILE appended.
SECRETS = {"B24_CLIENT_SECRET", "SECRET_KEY", "TOKEN_KEYS", "DATABASE_URL", "SENTRY_DSN"}
LONGEST_LINE = 255
DRIVERS = {"sqlite": "sqlite", "postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
DEFAULT_AUTHORITIES = "https://oauth.bitrix.info,https://oauth.bitrix24.tech"


class ConfigInvalid(Exception):
    """One message that names every setting that is missing or malformed."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Logbook cannot start. Mend these settings:\n" + "\n".join(f"  {line}" for line in problems))


@dataclass(frozen=True)
class Config:
    """The operator's configuration; docs/configuration.md documents each environment variable."""

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
    log_format: str = "text"
    sentry_dsn: str = field(default="", repr=False)
    traces_address: str = ""
    metrics_folder: str = ""
    operator_name: str = ""
    operator_contact: str = ""
    privacy_text: str = field(default="", repr=False)
    licence_text: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        """Read and check every variable; raises ConfigInvalid with all problems at once."""
        problems: list[str] = []
        values: dict[str, Any] = {}
        for name, (attribute, default, read) in VARIABLES.items():
            raw: str | None = None
            try:
                raw = _given(name, environ) or _default(name, default, environ)
                values[attribute] = read(raw)
            except ValueError as problem:
                problems.append(f"{name}: {'is missing' if raw == '' else problem}")
        problems += _insecure(values)
        if problems:
            raise ConfigInvalid(problems)
        return cls(**values)


def _given(name: str, environ: Mapping[str, str]) -> str:
    """The value of a variable, or of the file that names a secret; raises ValueError for an unreadable file."""
    value, path = environ.get(name, "").strip(), environ.get(f"{name}_FILE", "").strip()
    if name not in SECRETS or not path:
        return value
    if value:
        raise ValueError(f"is set, and {name}_FILE is, too: leave one of them out")
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as failure:
        reason = getattr(failure, "strerror", None) or "it is no text"
        raise ValueError(f"the file {path} cannot be read: {reason}") from None


def _default(name: str, default: str, environ: Mapping[str, str]) -> str:
    """The default of a variable; files are put into the service's state folder if systemd names one."""
    folder = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    return f"sqlite:///{folder}/logbook.db" if name == "DATABASE_URL" and folder else default


def _insecure(values: Mapping[str, Any]) -> list[str]:
    """Problems with http:// addresses, which are for the portal in a box alone."""
    if values.get("is_insecure_allowed", True):
        return []
    addresses = {"APP_URL": [values.get("app_url", "")], "B24_OAUTH_URL": values.get("authorities", ())}
    sentence = "must be https; only B24_ALLOW_INSECURE=1 allows http, for the portal in a box"
    return [f"{name}: {sentence}" for name, those in addresses.items() for one in those if one.startswith("http:")]


def _text(raw: str) -> str:
    if not raw:
        raise ValueError("is empty")
    return raw


def _credential(raw: str) -> str:
    """A value as the registration shows it, without the quotes that some environment files add."""
    if any(sign.isspace() or sign in "\"'‘’“”" for sign in _text(raw)):
        raise ValueError("must stand there without quotes and spaces")
    return raw


def _signing_key(raw: str) -> str:
    if len(raw) < SHORTEST_SECRET_KEY:
        raise ValueError(f"must have at least {SHORTEST_SECRET_KEY} characters")
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
    return tuple(_authority(part.strip()) for part in raw.split(","))


def _authority(raw: str) -> str:
    """An authorization server's origin; callers add /rest/ and /oauth/token/."""
    address = _address(raw)
    if re.search(r"/(rest|oauth(/token)?)$", address):
        raise ValueError("must not end in /rest/ or /oauth/token/: it looks like https://oauth.bitrix.info")
    return address


def _keys(raw: str) -> tuple[str, ...]:
    # In a file, each key may be on its own line.
    keys = tuple(part.strip() for part in re.split(r"[,\n]", raw))
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        raise ValueError("must be Fernet keys, 32 bytes in url-safe base64, comma separated") from None
    return keys


def database_address(raw: str) -> str:
    """The SQLAlchemy address with the driver that is installed; raises ValueError."""
    try:
        url = make_url(raw)
    except (ArgumentError, ValueError):
        raise ValueError("must be an SQLAlchemy address such as postgresql://user@host/name") from None
    backend = url.drivername.partition("+")[0]
    if backend not in DRIVERS:
        raise ValueError("must be an address of SQLite or PostgreSQL")
    if backend == "sqlite" and (url.database in {None, "", ":memory:"} or url.query.get("mode") == "memory"):
        raise ValueError("must name a file, since a database in memory would be another one for each thread")
    # Other programs that read the same variable may need another driver; we always use the installed one.
    return url.set(drivername=DRIVERS[backend]).render_as_string(hide_password=False)


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
    is_host = bool(re.fullmatch(r"\[[0-9A-Fa-f:.%a-z]+\]|[^:\[\]]+", host))
    if raw and not (is_host and port.isdecimal() and port.isascii() and 0 < int(port) < 65536):
        raise ValueError("must look like 127.0.0.1:9100 or [::1]:9100")
    return raw


def _log_format(raw: str) -> str:
    if raw not in LOG_FORMATS:
        raise ValueError("must be text or json")
    return raw


def _error_reports(raw: str) -> str:
    address = urlsplit(raw)
    if raw and not (address.scheme in {"http", "https"} and address.username and address.hostname):
        raise ValueError("must be the DSN of a project, such as https://key@sentry.example.com/1")
    return _with_package(raw, "sentry_sdk")


def _traces(raw: str) -> str:
    return _with_package(_address(raw), "opentelemetry.exporter.otlp.proto.http") if raw else raw


def _with_package(raw: str, package: str) -> str:
    if raw and not _is_installed(package):
        raise ValueError("needs a package that is not installed: requirements-watch.lock has it")
    return raw


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _folder(raw: str) -> str:
    if raw and not Path(raw).is_absolute():
        raise ValueError("must be the whole path of a folder, such as /run/logbook-metrics")
    return raw


def _certificates(raw: str) -> str:
    try:
        if raw:
            ssl.create_default_context(cafile=raw)
    except OSError:
        raise ValueError("must be a file of certificates (PEM) that Logbook may read") from None
    return raw


def _line(raw: str) -> str:
    if len(raw) > LONGEST_LINE or not raw.isprintable():
        raise ValueError(f"must be one line of up to {LONGEST_LINE} characters")
    return raw


def _contact(raw: str) -> str:
    if raw and not re.fullmatch(r"https://[^\s\"<>]+|[^\s@\"<>:/]+@[^\s@\"<>:/]+", raw):
        raise ValueError("must be an e-mail address or an https address")
    return _line(raw)


def _text_of(raw: str) -> str:
    """The content of a file, read at startup."""
    try:
        return Path(raw).read_text(encoding="utf-8") if raw else ""
    except (OSError, UnicodeDecodeError):
        raise ValueError("must be a file of plain text (UTF-8) that Logbook may read") from None


VARIABLES: dict[str, tuple[str, str, Callable[[str], Any]]] = {
    "APP_URL": ("app_url", "", _app_address),
    "B24_CLIENT_ID": ("client_id", "", _credential),
    "B24_CLIENT_SECRET": ("client_secret", "", _credential),
    "B24_OAUTH_URL": ("authorities", DEFAULT_AUTHORITIES, _addresses),
    "SECRET_KEY": ("secret_key", "", _signing_key),
    "TOKEN_KEYS": ("token_keys", "", _keys),
    "DATABASE_URL": ("database_url", f"sqlite:///{INSTANCE / 'logbook.db'}", database_address),
    "B24_ALLOW_INSECURE": ("is_insecure_allowed", "0", _switch),
    "METRICS_ADDRESS": ("metrics_address", "", _listening_address),
    "TRUSTED_PROXIES": ("trusted_proxies", "0", _count),
    "CA_BUNDLE": ("ca_bundle", "", _certificates),
    "LOG_FORMAT": ("log_format", "text", _log_format),
    "SENTRY_DSN": ("sentry_dsn", "", _error_reports),
    "OTEL_EXPORTER_OTLP_ENDPOINT": ("traces_address", "", _traces),
    "METRICS_FOLDER": ("metrics_folder", "", _folder),
    "OPERATOR_NAME": ("operator_name", "", _line),
    "OPERATOR_CONTACT": ("operator_contact", "", _contact),
    "PRIVACY_PAGE": ("privacy_text", "", _text_of),
    "LICENCE_PAGE": ("licence_text", "", _text_of),
}
