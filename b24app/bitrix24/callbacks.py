"""Tells listeners outside what happened: one POST to an address that a machine gave us, and nothing more.

Private and loopback addresses are refused by the connection itself, after the name was looked up.
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
# Of an answer, which is not looked at.
LONGEST_ANSWER = 4096


class CallbackClient:
    """Posts to addresses outside; a redirect is not followed, and counts as a failure."""

    def __init__(self, pools: PoolManager, read_seconds: float = READ_SECONDS) -> None:
        self._pools = pools
        self._timeout = Timeout(connect=CONNECT_SECONDS, read=read_seconds)

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> bool:
        """Returns whether it was taken, with a status of 200 to 299."""
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
            # What is left unread must not be taken for the answer to the next request.
            answer.close()
        except (HTTPError, OSError, ValueError) as failure:
            code = type(failure).__name__
        milliseconds = round((time.monotonic() - started) * 1000)
        facts = {"to": _origin(url), "status": status, "code": code, "milliseconds": milliseconds}
        log.info("callback", extra=facts)
        return code == "ok" and 200 <= status < 300


def _origin(url: str) -> str:
    """The rest of the address may hold secrets."""
    try:
        return origin_of(url)
    except Malformed:
        return "-"
