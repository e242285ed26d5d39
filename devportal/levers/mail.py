"""What may happen to events."""

from __future__ import annotations

from .lever import Field, Given, lever

GROUP = "Events"
COUNT = Field("count", "How many", "number", "1")


@lever("events-drop", GROUP, "Lose the next events", COUNT)
def drop(given: Given) -> None:
    given.portal.events.weather.drops = given.count("count")


@lever("events-duplicate", GROUP, "Send the next events twice", COUNT)
def duplicate(given: Given) -> None:
    given.portal.events.weather.duplicates = given.count("count")


@lever("events-delay", GROUP, "Send events late", Field("seconds", "Seconds (0: at once)", "number", "5"))
def delay(given: Given) -> None:
    given.portal.events.weather.delay_seconds = given.number("seconds", 5)


@lever("events-hold", GROUP, "Hold events back")
def hold(given: Given) -> None:
    given.portal.events.weather.is_holding = True


@lever("events-release", GROUP, "Send what is held, the last first")
def release(given: Given) -> None:
    given.portal.events.release()


@lever("events-tokenless", GROUP, "Leave tokens out of events", Field("on", "Switch", "choice", "on", ("on", "off")))
def tokenless(given: Given) -> None:
    given.portal.events.weather.has_no_tokens = given.choice("on", ("on", "off")) == "on"


@lever(
    "events-wrong-token",
    GROUP,
    "Send a wrong application token",
    Field("token", "Token (empty: the right one)"),
)
def wrong_token(given: Given) -> None:
    given.portal.events.weather.wrong_application_token = given.text("token")
