"""The id of the current request or worker task: shown on pages, in log lines and in the log of calls."""

import secrets
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


def begin() -> str:
    """Start a new piece of work in this thread; returns its id."""
    request_id.set(secrets.token_hex(6))
    return request_id.get()
