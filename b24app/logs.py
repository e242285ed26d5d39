"""One line per request and per call to Bitrix24, as ``key=value``; secrets are masked wherever they occur."""

import json
import logging
import re
import sys
import time

from flask import Flask, Response, g, request

from b24app import tracing
from b24app.masking import mask
from b24app.services.access import rest_log
from b24app.tracing import request_id

STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class LineFormatter(logging.Formatter):
    """``2026-01-31T12:00:00Z INFO b24app.web id=… message key=value …``, exceptions below it.

    Everything is masked, and unprintable characters are escaped, so that no log line controls a terminal.
    """

    def __init__(self) -> None:
        super().__init__(datefmt="%Y-%m-%dT%H:%M:%SZ")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        facts = {key: value for key, value in record.__dict__.items() if key not in STANDARD}
        words = " ".join(f"{key}={_quoted(value)}" for key, value in facts.items())
        head = f"{self.formatTime(record, self.datefmt)} {record.levelname} {record.name} id={request_id.get()}"
        lines = [f"{head} {record.getMessage()} {words}".rstrip()]
        if record.exc_info:
            # Indented, so that no exception's text can imitate one of our lines.
            lines += [f"  {line}" for line in self.formatException(record.exc_info).split("\n")]
        return mask("\n".join(map(_printable, lines)))


def configure() -> None:
    """Send everything that any library logs through our formatter to standard error."""
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
    tracing.begin()
    # The thread has served other portals, whose leftovers must not be stored here.
    rest_log.forget()


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
    return text if re.fullmatch(r"[^\s\"=\\]+", text) else json.dumps(text, ensure_ascii=False)


def _printable(text: str) -> str:
    """Escape controls, direction marks and line separators as ``\\x1b`` or ``\\u2028``."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)
