"""The id and caller of the current request or worker task, for pages, log lines and the log of calls."""

import secrets
from contextvars import ContextVar

# The portal's host and the person's number there, once known.
caller: ContextVar[tuple[str, int | None]] = ContextVar("caller", default=("-", None))
request_id: ContextVar[str] = ContextVar("request_id", default="-")


def begin(given: str = "") -> str:
    """Start a new piece of work in this thread, with the given id or a new one; returns the id."""
    caller.set(("-", None))
    request_id.set(given or secrets.token_hex(6))
    return request_id.get()
