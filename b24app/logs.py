"""One line per request and per call to Bitrix24, as ``key=value``; secrets are masked wherever they stand."""

import json
import logging
import re
import secrets
import sys
import time
from contextvars import ContextVar

from flask import Flask, Response, g, request

request_id: ContextVar[str] = ContextVar("request_id", default="-")

STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}

SECRET_NAMES = (
    "access_token|refresh_token|application_token|client_secret|auth_id|refresh_id|auth|code_verifier|secret_key|"
    "token_keys|password|session|state|bearer"
)
# Names with an equals sign, a colon or brackets behind them, quoted or not; and whole Fernet strings.
NAMED_SECRET = re.compile(
    rf"""(?ix) \b ( (?:auth\[)? (?:{SECRET_NAMES}) \]? ["']? \s* (?:=|:|\s|%3D) \s* ["']? ) ( [^\s"'&,;)}}\]]{{6,}} )"""
)
# Our own facts say ``code=ACCESS_DENIED``, which is no secret; only that of an address is.
CODE_IN_ADDRESS = re.compile(r"([?&]code=)([^\s\"'&]+)")
FERNET = re.compile(r"gAAAA[A-Za-z0-9_-]{20,}={0,2}")
MASK = "•••"


class LineFormatter(logging.Formatter):
    """``2026-01-31T12:00:00Z INFO b24app.web request=… message key=value …``, exceptions below, all of it masked."""

    def __init__(self) -> None:
        super().__init__(datefmt="%Y-%m-%dT%H:%M:%SZ")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        facts = {key: value for key, value in record.__dict__.items() if key not in STANDARD}
        words = " ".join(f"{key}={_quoted(value)}" for key, value in facts.items())
        head = f"{self.formatTime(record, self.datefmt)} {record.levelname} {record.name} id={request_id.get()}"
        line = f"{head} {record.getMessage()} {words}".rstrip()
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return mask(line)


def mask(text: str) -> str:
    """The text without the values of secrets."""
    for pattern in (NAMED_SECRET, CODE_IN_ADDRESS):
        text = pattern.sub(rf"\1{MASK}", text)
    return FERNET.sub(MASK, text)


def configure() -> None:
    """Everything that any library logs goes through our formatter to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("b24app").setLevel(logging.INFO)


def init_app(app: Flask) -> None:
    """Give each request an id, which its page shows, and a line."""
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.started = time.monotonic()
    request_id.set(secrets.token_hex(6))


def _finish(answer: Response) -> Response:
    answer.headers["X-Request-ID"] = request_id.get()
    logging.getLogger("b24app.web").info(
        "request",
        extra={
            "verb": request.method,
            "path": request.path,
            "status": answer.status_code,
            "milliseconds": round((time.monotonic() - g.started) * 1000),
        },
    )
    return answer


def _quoted(value: object) -> str:
    text = str(value)
    return text if re.fullmatch(r"[^\s\"=]+", text) else json.dumps(text, ensure_ascii=False)
