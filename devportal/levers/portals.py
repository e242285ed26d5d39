"""What may happen to a portal as a whole."""

from __future__ import annotations

from .lever import Field, Given, LeverError, lever

GROUP = "Portal"
MAX_SECONDS = 400 * 24 * 3600


@lever("rename", GROUP, "Move the portal to another address")
def rename(given: Given) -> None:
    given.portal.rename()


@lever("advance", GROUP, "Move the clock on", Field("seconds", "Seconds", "number", "3600"))
def advance(given: Given) -> None:
    seconds = given.number("seconds", 3600)
    if not 0 <= seconds <= MAX_SECONDS:
        raise LeverError("seconds is between 0 and 400 days")
    given.portal.clock.advance(seconds)


@lever("add-type", GROUP, "Add a smart process", Field("title", "Title", default="Repairs"))
def add_type(given: Given) -> None:
    given.portal.add_type(given.text("title", "Repairs"))


@lever("remove-type", GROUP, "Remove a smart process", Field("entity_type_id", "Entity type", "number", "1032"))
def remove_type(given: Given) -> None:
    given.portal.remove_type(given.count("entity_type_id", 0))


@lever(
    "add-item",
    GROUP,
    "Add a card",
    Field("entity_type_id", "Entity type", "number", "2"),
    Field("title", "Title", default="New item"),
)
def add_item(given: Given) -> None:
    try:
        given.portal.add_item(given.count("entity_type_id", 2), given.text("title", "New item"))
    except ValueError as error:
        raise LeverError(str(error)) from None


@lever(
    "remove-item",
    GROUP,
    "Remove a card",
    Field("entity_type_id", "Entity type", "number", "2"),
    Field("entity_id", "Card", "number", "9"),
)
def remove_item(given: Given) -> None:
    given.portal.remove_item(given.count("entity_type_id", 2), given.count("entity_id", 0))
