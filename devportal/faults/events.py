"""Faults in the events that a portal sends."""

from __future__ import annotations

from collections.abc import Callable

from ..request_log import SentEvent

Take = Callable[[SentEvent, float], None]
TOKEN_FIELDS = ("access_token", "refresh_token", "expires", "expires_in", "user_id")


class EventFaults:
    """Drops, duplicates, delays and reorders events; the counters apply to the next ones."""

    def __init__(self) -> None:
        self.held: list[SentEvent] = []
        self.clear()

    def clear(self) -> None:
        """Removes every fault; held events are dropped."""
        self.delay_seconds = 0.0
        self.drops = 0
        self.duplicates = 0
        self.has_no_tokens = False
        self.wrong_application_token = ""
        self.is_holding = False
        self.held = []

    def send(self, event: SentEvent, take: Take) -> None:
        """Passes the event to `take` with a delay in seconds: not at all, once or several times."""
        if self.drops:
            self.drops -= 1
            event.note = "dropped"
            return
        if self.is_holding:
            self.held.append(event)
            return
        take(event, self.delay_seconds)
        if self.duplicates:
            self.duplicates -= 1
            take(event, self.delay_seconds)

    def release(self, take: Take) -> None:
        """Sends the held events, the latest first."""
        self.is_holding = False
        held, self.held = self.held, []
        for event in reversed(held):
            take(event, 0)

    def altered(self, auth: dict[str, str]) -> dict[str, str]:
        """The `auth` block with faults applied."""
        kept = {key: value for key, value in auth.items() if not (self.has_no_tokens and key in TOKEN_FIELDS)}
        if self.wrong_application_token:
            kept["application_token"] = self.wrong_application_token
        return kept
