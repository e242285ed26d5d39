"""Faults of outbound events."""

from __future__ import annotations

from .control import Field, Given, control

GROUP = "Events"
COUNT = Field("count", "How many", "number", "1")


@control("events-drop", GROUP, "Drop the next events", COUNT)
def drop(given: Given) -> None:
    given.portal.events.faults.drops = given.count("count")


@control("events-duplicate", GROUP, "Send the next events twice", COUNT)
def duplicate(given: Given) -> None:
    given.portal.events.faults.duplicates = given.count("count")


@control("events-delay", GROUP, "Send events late", Field("seconds", "Seconds (0: at once)", "number", "5"))
def delay(given: Given) -> None:
    given.portal.events.faults.delay_seconds = given.number("seconds", 5)


@control("events-hold", GROUP, "Hold events back")
def hold(given: Given) -> None:
    given.portal.events.faults.is_holding = True


@control("events-release", GROUP, "Send the held events, the last first")
def release(given: Given) -> None:
    given.portal.events.release()


@control("events-tokenless", GROUP, "Leave tokens out of events", Field("on", "Switch", "choice", "on", ("on", "off")))
def tokenless(given: Given) -> None:
    given.portal.events.faults.has_no_tokens = given.choice("on", ("on", "off")) == "on"


@control(
    "events-wrong-token",
    GROUP,
    "Send a wrong application token",
    Field("token", "Token (empty: the right one)"),
)
def wrong_token(given: Given) -> None:
    given.portal.events.faults.wrong_application_token = given.text("token")
