"""The tools for assistants: the same as the API, and reading what the key's user may read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from b24app.bitrix24.entities import ORDER
from b24app.context import b24, database
from b24app.errors import CallFailed, PairDead
from b24app.models import Source
from b24app.services.machines import callbacks, reading, requests
from b24app.services.machines.requests import Circumstances, Reading
from b24app.web.api import entries, lists
from b24app.web.api.access import Machine
from b24app.web.api.problems import Problem
from b24app.web.api.schemas import CARD, KIND, NEW_ENTRY

Arguments = dict[str, Any]
LONGEST_WORDS = 100


@dataclass(frozen=True)
class Tool:
    """A tool and its annotations."""

    name: str
    title: str
    description: str
    parameters: dict[str, Any]
    run: Callable[[Machine, Arguments], dict[str, Any]]
    writes: bool = False

    def as_map(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": self.parameters,
            "annotations": {
                "title": self.title,
                "readOnlyHint": not self.writes,
                "destructiveHint": False,
                "idempotentHint": True,
                "openWorldHint": False,
            },
        }


def _list_icons(machine: Machine, _arguments: Arguments) -> dict[str, Any]:
    return {"icons": lists.icons_of(machine)}


def _list_templates(machine: Machine, _arguments: Arguments) -> dict[str, Any]:
    return {"templates": lists.templates_of(machine)}


def _find_card(machine: Machine, arguments: Arguments) -> dict[str, Any]:
    type_id, words = requests.read_type(arguments.get("type")), arguments.get("words")
    errors = {}
    if type_id is None or type_id == ORDER:
        errors["type"] = "must be a kind of card other than order"
    if not isinstance(words, str) or not 0 < len(words.strip()) <= LONGEST_WORDS:
        errors["words"] = f"must be a text of 1 to {LONGEST_WORDS} characters"
    if errors or type_id is None or not isinstance(words, str):
        raise Problem(422, "Nothing was looked for: see errors.", errors=errors)
    machine.require_kind(type_id)
    return _asked(lambda: {"cards": reading.find_cards(database(), b24(), machine.author, type_id, words.strip())})


def _list_entries(machine: Machine, arguments: Arguments) -> dict[str, Any]:
    reader = Reading({}, Circumstances((), (), "", machine.now))
    card = reader.card("card", arguments.get("card"))
    if card is None:
        raise Problem(422, "Nothing was read: see errors.", errors=reader.errors)
    machine.require_kind(card.type_id)
    return _asked(lambda: {"entries": reading.entries(database(), b24(), machine.author, card)})


def _write_entry(machine: Machine, arguments: Arguments) -> dict[str, Any]:
    fields = {name: value for name, value in arguments.items() if name != "idempotency_key"}
    key = arguments.get("idempotency_key", "")
    if not isinstance(key, str) or (key and not entries.IDEMPOTENCY_KEY.fullmatch(key)):
        raise Problem(422, "Nothing was written: see errors.", errors={"idempotency_key": "has up to 255 characters"})
    written = entries.save(machine, fields, key, Source.MCP)
    return {**entries.receipt(written.entry), "state": callbacks.state_of(written.entry)}


def _asked(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The portal's answer; refusals become problems that the assistant can read."""
    try:
        return ask()
    except (CallFailed, PairDead) as failure:
        database().commit()
        code = failure.reason if isinstance(failure, PairDead) else failure.code
        raise Problem(403, f"Bitrix24 did not show this to the key's own user: {code}.") from None


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


_FIELDS = NEW_ENTRY["properties"]
# Sentences of the API name URLs; assistants need the names of tools instead.
ENTRY_FIELDS = {
    **_FIELDS,
    "card": CARD,
    "also_on": {**_FIELDS["also_on"], "items": CARD},
    "icon": {"type": "string", "description": "A code of list_icons; required, unless a template has it."},
    "template": {"type": "string", "description": "The id or name of one of list_templates."},
}
# The schema requires it, so that the tool is idempotent as annotated; calls without one are accepted, too.
IDEMPOTENCY = {
    "type": "string",
    "maxLength": 255,
    "description": "A new text for each entry; the same one when you repeat a call, which then writes nothing twice.",
}
TOOLS = {
    tool.name: tool
    for tool in (
        Tool("list_icons", "List icons", "The icons that an entry may have.", _object({}), _list_icons),
        Tool("list_templates", "List templates", "Prepared titles and texts.", _object({}), _list_templates),
        Tool(
            "find_card",
            "Find a card",
            "Finds leads, deals, contacts and other cards of the CRM by a part of their names.",
            _object({"type": KIND, "words": {"type": "string", "maxLength": LONGEST_WORDS}}, "type", "words"),
            _find_card,
        ),
        Tool(
            "list_entries",
            "List the entries of a card",
            "The latest ten log entries on the timeline of a card, as far as the key's own user may read them.",
            _object({"card": CARD}, "card"),
            _list_entries,
        ),
        Tool(
            "write_entry",
            "Write an entry",
            "Puts an entry with an icon, a title and a text on the timeline of a card. It is saved at once and "
            "delivered in a moment. Ask the person before you write in their name.",
            _object({**ENTRY_FIELDS, "idempotency_key": IDEMPOTENCY}, "card", "idempotency_key"),
            _write_entry,
            writes=True,
        ),
    )
}
