"""The id and caller of the current request or worker task, for pages, log lines and the log of calls."""

import re
import secrets
from contextvars import ContextVar

# Ids as proxies make them: hexadecimal digits, UUIDs and the like.
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
# The portal's host and the person's number there, once known.
caller: ContextVar[tuple[str, int | None]] = ContextVar("caller", default=("-", None))
request_id: ContextVar[str] = ContextVar("request_id", default="-")


def begin(given: str = "") -> str:
    """Start a new piece of work in this thread, with the given id if it is valid, or a new one; returns the id."""
    caller.set(("-", None))
    request_id.set(given if REQUEST_ID.fullmatch(given) else secrets.token_hex(6))
    return request_id.get()
