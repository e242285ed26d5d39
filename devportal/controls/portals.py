"""Controls of a portal as a whole: its address, clock, smart processes and cards."""

from __future__ import annotations

from .control import ControlError, Field, Given, control

GROUP = "Portal"
MAX_SECONDS = 400 * 24 * 3600


@control("rename", GROUP, "Move the portal to another address")
def rename(given: Given) -> None:
    given.portal.rename()


@control("advance", GROUP, "Advance the clock", Field("seconds", "Seconds", "number", "3600"))
def advance(given: Given) -> None:
    seconds = given.number("seconds", 3600)
    if not 0 <= seconds <= MAX_SECONDS:
        raise ControlError("seconds is between 0 and 400 days")
    given.portal.clock.advance(seconds)


@control("add-type", GROUP, "Add a smart process", Field("title", "Title", default="Repairs"))
def add_type(given: Given) -> None:
    given.portal.add_type(given.text("title", "Repairs"))


@control("remove-type", GROUP, "Remove a smart process", Field("entity_type_id", "Entity type", "number", "1032"))
def remove_type(given: Given) -> None:
    given.portal.remove_type(given.count("entity_type_id", 0))
