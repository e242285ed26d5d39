"""The people of a portal."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = [
    "ar",
    "br",
    "de",
    "en",
    "fr",
    "hi",
    "id",
    "it",
    "ja",
    "kz",
    "la",
    "ms",
    "pl",
    "ru",
    "sc",
    "tc",
    "th",
    "tr",
    "ua",
    "vn",
]


@dataclass
class Person:
    """An employee; `is_active` is false after a dismissal."""

    id: int
    name: str
    last_name: str
    is_admin: bool = False
    # Empty if it is set automatically; the UTC offset is used instead.
    time_zone: str = "Europe/Berlin"
    time_zone_offset: int | None = None
    language: str = "en"
    position: str = ""
    is_active: bool = True

    @property
    def full_name(self) -> str:
        return f"{self.name} {self.last_name}".strip()

    @property
    def initials(self) -> str:
        return f"{self.name[:1]}{self.last_name[:1]}"


def first_people() -> list[Person]:
    """The three people that every portal starts with: an administrator and two employees."""
    return [
        Person(1, "Anna", "Keller", is_admin=True, position="Head of sales"),
        Person(7, "Ben", "Okafor", time_zone="Europe/London", position="Account executive"),
        Person(12, "Clara", "Lindqvist", time_zone="America/New_York", position="Assistant"),
    ]
