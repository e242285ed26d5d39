"""Adding, changing and removing cards, as on the portal's pages."""

from __future__ import annotations

from ..errors import ApiError
from .control import ControlError, Field, Given, control

GROUP = "Portal"
TYPE = Field("entity_type_id", "Entity type", "number", "2")


@control("add-item", GROUP, "Add a card", TYPE, Field("title", "Title", default="New item"))
def add_item(given: Given) -> None:
    try:
        given.portal.add_item(given.count("entity_type_id", 2), given.text("title", "New item"))
    except ValueError as error:
        raise ControlError(str(error)) from None


@control(
    "change-item",
    GROUP,
    "Change a field of a card",
    TYPE,
    Field("entity_id", "Card", "number", "1"),
    Field("field", "Field", default="title"),
    Field("value", "Value", default="Changed"),
)
def change_item(given: Given) -> None:
    field = {given.text("field", "title"): given.text("value", "Changed")}
    try:
        given.portal.change_item(given.count("entity_type_id", 2), given.count("entity_id"), **field)
    except ApiError as error:
        raise ControlError(error.description) from None


@control("remove-item", GROUP, "Remove a card", TYPE, Field("entity_id", "Card", "number", "9"))
def remove_item(given: Given) -> None:
    given.portal.remove_item(given.count("entity_type_id", 2), given.count("entity_id", 0))
