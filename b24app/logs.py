"""Logs a line per request and per call to Bitrix24, as ``key=value`` or as JSON, with all secrets masked."""

import json
import logging
import re
import sys
import time

from flask import Flask, Response, g, request

from b24app import current_request
from b24app.context import config
from b24app.current_request import request_id
from b24app.masking import mask
from b24app.services.access import rest_log

# A value that needs no quotes.
PLAIN = re.compile(r"[^\s\"=\\]+")
STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class LineFormatter(logging.Formatter):
    """``2026-01-31T12:00:00Z INFO b24app.web id=… message key=value …``, exceptions below it.

    Secrets are masked, and unprintable characters are escaped, so that log lines cannot control a terminal.
    """

    def __init__(self) -> None:
        super().__init__(datefmt="%Y-%m-%dT%H:%M:%SZ")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        words = " ".join(f"{key}={_quoted(value)}" for key, value in _details(record).items())
        head = f"{self.formatTime(record, self.datefmt)} {record.levelname} {record.name} id={request_id.get()}"
        lines = [f"{head} {record.getMessage()} {words}".rstrip()]
        if record.exc_info:
            # Indented, so that the text of an exception cannot imitate a log line.
            lines += [f"  {line}" for line in self.formatException(record.exc_info).split("\n")]
        return mask("\n".join(map(_printable, lines)))


class JsonFormatter(LineFormatter):
    """A JSON object per line: ``time``, ``level``, ``logger``, ``request_id``, ``message`` and extra fields.

    Each text is masked by itself, which keeps the JSON valid; everything beyond ASCII is escaped.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": self.formatTime(record, self.datefmt),
            "level": record.levelname,
            "logger": record.name,
            "request_id": request_id.get(),
            "message": mask(record.getMessage()),
        }
        line |= {key: _masked(key, value) for key, value in _details(record).items()}
        if record.exc_info:
            line["exception"] = mask(self.formatException(record.exc_info))
        return json.dumps(line)


FORMATTERS = {"text": LineFormatter, "json": JsonFormatter}


def configure(log_format: str = "text") -> None:
    """Log everything, libraries included, to standard error in our format."""
    # No line names threads, so no record has to find out.
    logging.logThreads = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FORMATTERS[log_format]())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("b24app").setLevel(logging.INFO)


def init_app(app: Flask) -> None:
    """Give each request an id, which its page shows, and a log line."""
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.started = time.monotonic()
    # Other callers than a trusted proxy cannot choose the id.
    current_request.begin(request.headers.get("X-Request-ID", "") if config().trusted_proxies else "")
    # The thread may still hold calls of another portal, which must not be stored for this one.
    rest_log.forget()


def _finish(answer: Response) -> Response:
    answer.headers["X-Request-ID"] = request_id.get()
    portal, person = current_request.caller.get()
    logging.getLogger("b24app.web").info(
        "request",
        extra={
            "verb": request.method,
            "path": request.path,
            "status": answer.status_code,
            "milliseconds": round((time.monotonic() - g.started) * 1000),
            "client": request.remote_addr or "-",
            "portal": portal,
            "person": "-" if person is None else person,
        },
    )
    return answer


def _details(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in record.__dict__.items() if key not in STANDARD}


def _masked(key: str, value: object) -> object:
    """A value for a log line: numbers stay as they are, texts are masked as if their key preceded them."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return mask(f"{key}={value}").partition("=")[2]


def _quoted(value: object) -> str:
    text = str(value)
    return text if PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _printable(text: str) -> str:
    """Escape controls, direction marks and line separators as ``\\x1b`` or ``\\u2028``."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)
