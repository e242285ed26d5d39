"""Robots and workflow activities: registering ours, reading a run of it, and answering its workflow. Pure.

Docs: https://apidocs.bitrix24.com/api-reference/bizproc/
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from b24app.bitrix24.calls import Call, Json, as_rows
from b24app.bitrix24.entities import TYPE_IDS, Entity
from b24app.bitrix24.payloads import MEMBER_ID, SECRET, Fields, Reader
from b24app.codes import Reason
from b24app.errors import Malformed

CODE = "logbook_entry"
# Robots run on these documents; on others, the activity of the workflow designer does.
KINDS = ("robot", "activity")
DOCUMENT = re.compile(
    r"(LEAD|DEAL|CONTACT|COMPANY|QUOTE|ORDER|SMART_INVOICE|DYNAMIC_([1-9][0-9]{0,8}))_([1-9][0-9]{0,17})", re.ASCII
)
# Stale: the workflow has ended or moved on meanwhile, so nobody waits.
NOBODY_WAITS = {Reason.ACCESS_DENIED, Reason.NOT_FOUND}


@dataclass(frozen=True)
class RobotCall:
    """A run of our robot, unproved but for ``source``, the address that it came from."""

    member_id: str
    card: Entity
    event_token: str = field(repr=False)
    icon_code: str
    title: str
    text: str
    is_awaited: bool
    application_token: str | None = field(repr=False)
    access_token: str | None = field(repr=False)
    refresh_token: str | None = field(repr=False)
    source: str = ""


def read_run(body: Fields, source: str = "") -> RobotCall:
    """Raises Malformed. Docs: …/api-reference/bizproc/bizproc-robot/bizproc-robot-add.html"""
    fields = Reader(body)
    match = DOCUMENT.fullmatch(fields.optional_text("document_id[2]"))
    if not match:
        raise Malformed(field="document_id")
    type_id = int(match[2]) if match[2] else TYPE_IDS[match[1]]
    return RobotCall(
        member_id=fields.required("auth[member_id]", MEMBER_ID),
        card=Entity(type_id, int(match[3])),
        event_token=fields.required("event_token", SECRET),
        icon_code=fields.optional_text("properties[icon]"),
        title=fields.optional_text("properties[title]"),
        text=fields.optional_text("properties[text]"),
        is_awaited=fields.optional_text("use_subscription").upper() == "Y",
        application_token=fields.optional("auth[application_token]", SECRET),
        access_token=fields.optional("auth[access_token]", SECRET),
        refresh_token=fields.optional("auth[refresh_token]", SECRET),
        source=source,
    )


def registered(kind: str) -> Call:
    """Refused without the scope bizproc, which is optional."""
    return Call(f"bizproc.{kind}.list")


def read_registered(result: Json) -> frozenset[str]:
    return frozenset(str(code) for code in as_rows(result))


@dataclass(frozen=True)
class Words:
    """What the portal shows of the robot, by Bitrix24's language codes."""

    name: Mapping[str, str]
    description: Mapping[str, str]
    icon: Mapping[str, str]
    title: Mapping[str, str]
    text: Mapping[str, str]


def register(kind: str, handler: str, words: Words, icon_codes: Sequence[str], *, is_known: bool) -> Call:
    """Add it, or renew one that is registered; nobody waits for it unless whoever places it says so."""
    required = {"Required": "Y", "Multiple": "N"}
    fields = {
        "HANDLER": handler,
        "USE_SUBSCRIPTION": "N",
        "NAME": dict(words.name),
        "DESCRIPTION": dict(words.description),
        "PROPERTIES": {
            "icon": {
                "Name": dict(words.icon),
                "Type": "select",
                "Options": {code: code for code in icon_codes},
                "Default": icon_codes[0] if icon_codes else "",
                **required,
            },
            "title": {"Name": dict(words.title), "Type": "string", **required},
            "text": {"Name": dict(words.text), "Type": "text", **required},
        },
        "RETURN_PROPERTIES": {"entry_id": {"Name": {"en": "ID"}, "Type": "int", "Multiple": "N", "Default": None}},
    }
    if is_known:
        return Call(f"bizproc.{kind}.update", {"CODE": CODE, "FIELDS": fields})
    return Call(f"bizproc.{kind}.add", {"CODE": CODE, **fields})


def answer(event_token: str, bitrix_id: int | None, log_message: str) -> Call:
    """Let the workflow go on. Docs: …/api-reference/bizproc/bizproc-event-send.html"""
    values = {} if bitrix_id is None else {"entry_id": bitrix_id}
    parameters = {"EVENT_TOKEN": event_token, "RETURN_VALUES": values, "LOG_MESSAGE": log_message}
    return Call("bizproc.event.send", parameters)
