"""Notifies systemd (``Type=notify``, ``WatchdogSec=``) by datagrams to the socket named by NOTIFY_SOCKET."""

import logging
import os
import socket
import time
from collections.abc import Mapping

log = logging.getLogger(__name__)


class Supervisor:
    """Sends notifications to systemd; does nothing outside it."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self._pause_seconds = _pause_seconds(environ)
        self._told_at = 0.0

    def ready(self) -> None:
        self._tell("READY=1")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def is_alive(self) -> None:
        """Feed the watchdog; call this often, it notifies systemd only as often as needed."""
        now = time.monotonic()
        if self._pause_seconds is not None and now - self._told_at >= self._pause_seconds:
            self._told_at = now
            self._tell("WATCHDOG=1")

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        # An @ stands for the zero byte of Linux's abstract socket addresses.
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.sendto(state.encode(), address)
        except OSError as failure:
            log.warning("systemd was not notified", extra={"state_of_service": state, "code": failure.strerror})


def _pause_seconds(environ: Mapping[str, str]) -> float | None:
    """A third of the watchdog's timeout; None without a watchdog, or if it watches another process."""
    microseconds = environ.get("WATCHDOG_USEC", "")
    is_ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(microseconds) / 1_000_000 / 3 if microseconds.isdecimal() and is_ours else None
