"""The weather over the events that a portal sends."""

from __future__ import annotations

from collections.abc import Callable

from ..calls import SentEvent

Take = Callable[[SentEvent, float], None]


class MailWeather:
    """Loses, doubles, holds up and mixes letters; counters are for the next ones."""

    def __init__(self) -> None:
        self.calm()

    def calm(self) -> None:
        """Letters that are held stay held until released."""
        self.delay_seconds = 0.0
        self.drops = 0
        self.duplicates = 0
        self.has_no_tokens = False
        self.wrong_application_token = ""
        self.is_holding = False
        self.held: list[SentEvent] = []

    def send(self, letter: SentEvent, take: Take) -> None:
        if self.drops:
            self.drops -= 1
            letter.note = "dropped"
            return
        if self.is_holding:
            self.held.append(letter)
            return
        take(letter, self.delay_seconds)
        if self.duplicates:
            self.duplicates -= 1
            take(letter, self.delay_seconds)

    def release(self, take: Take, *, reverse: bool = True) -> None:
        """Sends what was held, the last first."""
        self.is_holding = False
        held, self.held = self.held, []
        for letter in reversed(held) if reverse else held:
            take(letter, 0)

    def spoil(self, auth: dict[str, str]) -> dict[str, str]:
        """The `auth` block as it goes out."""
        tokens = ("access_token", "refresh_token", "expires", "expires_in", "user_id")
        kept = {key: value for key, value in auth.items() if not (self.has_no_tokens and key in tokens)}
        if self.wrong_application_token:
            kept["application_token"] = self.wrong_application_token
        return kept
