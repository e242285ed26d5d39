"""Binds placements and events, and reads which are bound. Pure.

Docs: https://apidocs.bitrix24.com/api-reference/widgets/ and …/api-reference/events/
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from b24app.bitrix24.calls import Call, Json, as_flag, as_map, as_rows


@dataclass(frozen=True)
class Binding:
    """A binding in the portal: a placement code or an event's name, and our address.

    ``titles`` are the tab's titles by Bitrix24's language codes, if the portal returns them. ``is_native`` says whether
    the portal draws what the handler asks for; None if it does not say.
    """

    place: str
    handler: str
    titles: Mapping[str, str] = field(default_factory=dict, compare=False)
    is_native: bool | None = field(default=None, compare=False)


def placements_known() -> Call:
    """All placement codes of this portal. Docs: …/api-reference/widgets/placement-list.html"""
    return Call("placement.list", {"FULL": True})


def read_codes(result: Json) -> frozenset[str]:
    return frozenset(str(code) for code in as_rows(result))


def placements_bound() -> Call:
    """What this application has bound. Docs: …/api-reference/widgets/placement-get.html"""
    return Call("placement.get")


def events_known() -> Call:
    """The events that this application may receive. Docs: …/api-reference/events/events.html"""
    return Call("events")


def events_bound() -> Call:
    """Docs: …/api-reference/events/event-get.html"""
    return Call("event.get")


def read_bindings(result: Json, key: str) -> list[Binding]:
    """``key`` names the column of the place: ``placement`` or ``event``."""
    rows = [as_map(row) for row in as_rows(result)]
    return [
        Binding(
            str(row.get(key) or "").upper(),
            str(row.get("handler") or ""),
            _read_titles(row.get("langAll")),
            _read_is_native(row),
        )
        for row in rows
    ]


def bind_placement(binding: Binding, titles: Mapping[str, str]) -> Call:
    """``titles`` by Bitrix24's language codes.

    Docs: …/api-reference/widgets/placement-bind.html and …/api-reference/widgets/crm/detail-activity.html
    """
    languages = {language: {"TITLE": title} for language, title in titles.items()}
    place: dict[str, Json] = {"PLACEMENT": binding.place, "HANDLER": binding.handler}
    if binding.is_native:
        place["OPTIONS"] = {"useBuiltInInterface": "Y"}
    return Call("placement.bind", {**place, "TITLE": titles["en"], "LANG_ALL": languages})


def unbind_placement(binding: Binding) -> Call:
    """Docs: …/api-reference/widgets/placement-unbind.html"""
    return Call("placement.unbind", {"PLACEMENT": binding.place, "HANDLER": binding.handler})


def bind_event(binding: Binding) -> Call:
    """Docs: …/api-reference/events/event-bind.html"""
    return Call("event.bind", {"event": binding.place, "handler": binding.handler})


def unbind_event(binding: Binding) -> Call:
    """Docs: …/api-reference/events/event-unbind.html"""
    return Call("event.unbind", {"event": binding.place, "handler": binding.handler})


def _read_titles(languages: Json) -> dict[str, str]:
    """Empty if the portal does not return them, as with older ones."""
    return {language: str(as_map(texts).get("TITLE") or "") for language, texts in as_map(languages).items()}


def _read_is_native(row: Mapping[str, Json]) -> bool | None:
    """Whether the portal draws the handler's form; an empty PHP map is a list."""
    if "options" not in row:
        return None
    options = row["options"]
    return isinstance(options, dict) and as_flag(options.get("useBuiltInInterface"))
