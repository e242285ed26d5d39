"""The id of the piece of work under way, a request or a worker's round: on pages, in log lines, in the log of calls."""

import secrets
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


def begin() -> str:
    """A new piece of work in this thread, and its id."""
    request_id.set(secrets.token_hex(6))
    return request_id.get()
