"""Sends callbacks: one POST to an address that a machine gave us.

The connection itself refuses private and loopback addresses, after the name was resolved.
"""

import logging
import time

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from b24app.bitrix24.addresses import origin_of
from b24app.errors import Malformed
from b24app.version import VERSION

log = logging.getLogger(__name__)

CONNECT_SECONDS, READ_SECONDS = 3, 5
# In bytes. The answer's body is ignored.
LONGEST_ANSWER = 4096


class CallbackClient:
    """Posts to callback addresses; redirects are not followed and count as failures."""

    def __init__(self, pools: PoolManager, read_seconds: float = READ_SECONDS) -> None:
        self._pools = pools
        self._timeout = Timeout(connect=CONNECT_SECONDS, read=read_seconds)

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> bool:
        """Post the body; returns whether the answer's status was 200 to 299."""
        started, status, code = time.monotonic(), 0, "ok"
        try:
            answer = self._pools.urlopen(
                "POST",
                url,
                body=body,
                headers={"Content-Type": "application/json", "User-Agent": f"Logbook/{VERSION}", **headers},
                redirect=False,
                retries=False,
                timeout=self._timeout,
                preload_content=False,
            )
            status = answer.status
            answer.read(LONGEST_ANSWER)
            # Unread bytes must not be taken for the answer to the next request.
            answer.close()
        except (HTTPError, OSError, ValueError) as failure:
            code = type(failure).__name__
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
