"""The dialects of portals: where running portals differ from the documentation or from each other."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal


@dataclass
class Dialect:
    """A dialect; each field is one difference, whose first choice is that of newer cloud portals."""

    core: Literal["current", "old"] = "current"
    frames: Literal["current", "old"] = "current"
    icons: Literal["current", "old"] = "current"
    log_list: Literal["keyed", "bare"] = "keyed"
    log_paging: Literal["start", "offset"] = "start"
    log_next: Literal["exact", "endless"] = "exact"
    log_rows: Literal["whole", "authorless", "undated"] = "whole"
    texts: Literal["whole", "cut", "marks", "bytes", "crlf", "entities", "spaces"] = "whole"
    placement_titles: Literal["told", "untold"] = "told"
    type_events: Literal["known", "unknown"] = "known"
    nameless_codes: Literal["number", "string"] = "number"
    statuses: Literal["documented", "seen"] = "documented"
    token_scopes: Literal["named", "app"] = "named"
    rows: Literal["list", "map"] = "list"
    notices: Literal["hidden", "shown"] = "hidden"
    hints: Literal["none", "early"] = "none"
    old_tokens: Literal["kept", "ended"] = "kept"
    bindings: Literal["current", "old"] = "current"
    bound_rows: Literal["told", "untold"] = "told"
    pins: Literal["three", "seven"] = "three"
    robot_dialogs: Literal["framed", "plain"] = "framed"
    native: Literal["current", "old"] = "current"
    native_answers: Literal["told", "silent", "refused"] = "told"
    native_buttons: Literal["emptied", "ignored"] = "emptied"
    native_links: Literal["value", "uri"] = "value"
    activity_pages: Literal["below", "slider"] = "below"

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def dialect_of(kind: str) -> Dialect:
    """The dialect of a cloud portal, or of an on-premise one with an older core."""
    if kind == "on-premise":
        return Dialect(
            core="old",
            frames="old",
            icons="old",
            native="old",
            placement_titles="untold",
            type_events="unknown",
            statuses="seen",
        )
    return Dialect()


CHOICES: dict[str, tuple[str, ...]] = {
    "core": ("current", "old"),
    "frames": ("current", "old"),
    "icons": ("current", "old"),
    "log_list": ("keyed", "bare"),
    "log_paging": ("start", "offset"),
    "log_next": ("exact", "endless"),
    "log_rows": ("whole", "authorless", "undated"),
    "texts": ("whole", "cut", "marks", "bytes", "crlf", "entities", "spaces"),
    "placement_titles": ("told", "untold"),
    "type_events": ("known", "unknown"),
    "nameless_codes": ("number", "string"),
    "statuses": ("documented", "seen"),
    "token_scopes": ("named", "app"),
    "rows": ("list", "map"),
    "notices": ("hidden", "shown"),
    "hints": ("none", "early"),
    "old_tokens": ("kept", "ended"),
    "bindings": ("current", "old"),
    "bound_rows": ("told", "untold"),
    "pins": ("three", "seven"),
    "robot_dialogs": ("framed", "plain"),
    "native": ("current", "old"),
    "native_answers": ("told", "silent", "refused"),
    "native_buttons": ("emptied", "ignored"),
    "native_links": ("value", "uri"),
    "activity_pages": ("below", "slider"),
}

MEANINGS: dict[str, str] = {
    "core": "old: only administrators may add or delete log messages, and the card need not exist",
    "frames": "old: no APPLICATION_TOKEN, APPLICATION_SCOPE and SERVER_ENDPOINT in frame requests",
    "icons": "old: nine system icons are missing",
    "log_list": 'keyed: {"logMessages": [...]}; bare: the array itself',
    "log_paging": "which parameter crm.timeline.logmessage.list reads",
    "log_next": "endless: `next` comes on every page, even after the last",
    "log_rows": "authorless, undated: crm.timeline.logmessage.list tells the latest row without authorId or created",
    "texts": (
        "cut, marks, bytes: log messages end before the first 😀, or have ???? or :f09f9880: in its place; "
        "crlf, entities, spaces: CRLF for line breaks, &amp; for &, a space for U+2028"
    ),
    "placement_titles": "untold: placement.get without title, description and langAll",
    "type_events": "unknown: no events of smart processes that are added, changed or deleted",
    "nameless_codes": "errors 0 and 100 as JSON numbers or as strings",
    "statuses": "seen: most authorization failures answer 401; documented: the statuses of the docs",
    "token_scopes": "app: the authorization server says app in place of the scopes of a token",
    "rows": "map: lists of log messages and of icons are maps that begin at 1, as PHP writes what it has filtered",
    "bindings": (
        "current: without the right to the card crm.timeline.bindings.bind answers false; "
        "old: it is refused, and only five kinds of card are known"
    ),
    "bound_rows": "untold: crm.timeline.logmessage.list leaves out log messages that were bound to the card later",
    "robot_dialogs": "plain: the dialogs of robots ignore USE_PLACEMENT and show the properties themselves",
    "pins": "how many records crm.timeline.item.pin pins on one card",
    "notices": "shown: a notice of PHP stands before the JSON of each answer",
    "hints": "early: a server in front of the portal sends 103 Early Hints before each answer",
    "old_tokens": "the access token of a renewed pair. kept: it lives out its hour; ended: it has expired at once",
    "native": "old: useBuiltInInterface is dropped, so the button opens the handler as a page",
    "native_answers": (
        "what the commands that draw answer. silent: nothing, though they draw; refused: an error, and nothing is drawn"
    ),
    "native_buttons": "a button's state other than normal and disabled empties both buttons, or is ignored",
    "native_links": "where the action of a link has its address",
    "activity_pages": "slider: the page of a button above the timeline opens in a slider, whose size it cannot change",
}
