"""The id of the current request or worker task: shown on pages, in log lines and in the log of calls."""

import secrets
from contextvars import ContextVar

# The host of the portal and the number of the person there, once they are known in this request.
caller: ContextVar[tuple[str, int | None]] = ContextVar("caller", default=("-", None))
request_id: ContextVar[str] = ContextVar("request_id", default="-")


def begin(given: str = "") -> str:
    """Start a new piece of work in this thread, with the id that it has elsewhere if there is one; returns its id."""
    caller.set(("-", None))
    request_id.set(given or secrets.token_hex(6))
    return request_id.get()
