"""Sends callbacks: one POST to an address that a machine gave us.

The connection itself refuses private and loopback addresses, after the name was resolved.
"""

import logging
import time

from b24app.bitrix24.addresses import origin_of
from b24app.bitrix24.connections import JSON_HEADERS, Connections
from b24app.bitrix24.timeouts import Timeouts
from b24app.errors import CallFailed, Malformed

log = logging.getLogger(__name__)

CONNECT_SECONDS, READ_SECONDS = 3, 5
# In bytes. The answer's body is ignored.
LONGEST_ANSWER = 4096


class CallbackClient:
    """Posts to callback addresses; redirects are not followed and count as failures."""

    def __init__(self, connections: Connections, read_seconds: float = READ_SECONDS) -> None:
        self._connections = connections
        self._timeouts = Timeouts(CONNECT_SECONDS, read_seconds)

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> bool:
        """Post the body; returns whether the answer's status was 200 to 299."""
        started, status, code = time.monotonic(), 0, "ok"
        try:
            sent = {**JSON_HEADERS, **headers}
            status = self._connections.request("POST", url, self._timeouts, body, sent, LONGEST_ANSWER).status
        except CallFailed as failure:
            code = failure.code
        milliseconds = round((time.monotonic() - started) * 1000)
        facts = {"to": _origin(url), "status": status, "code": code, "milliseconds": milliseconds}
        log.info("callback", extra=facts)
        return code == "ok" and 200 <= status < 300


def _origin(url: str) -> str:
    """Scheme, host and port only: the rest of the address may contain secrets."""
    try:
        return origin_of(url)
    except Malformed:
        return "-"
