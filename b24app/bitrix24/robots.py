"""Registers our robot, parses its runs, and answers their workflows. Pure.

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

# Robots run on some documents, workflow activities on others. A portal keeps both in one table, so their codes differ.
CODES = {"robot": "logbook_entry", "activity": "logbook_entry_activity"}
KINDS = tuple(CODES)
DOCUMENT = re.compile(
    r"(LEAD|DEAL|CONTACT|COMPANY|QUOTE|ORDER|SMART_INVOICE|DYNAMIC_([1-9][0-9]{0,8}))_([1-9][0-9]{0,17})", re.ASCII
)
# The most fields of a document that the dialog offers: nobody searches a longer list.
FIELD_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,99}", re.ASCII)
MOST_FIELDS = 500
LONGEST_NAME = 100
# Stale: the workflow has ended or moved on, so nothing waits for the answer.
NOBODY_WAITS = {Reason.ACCESS_DENIED, Reason.NOT_FOUND}


@dataclass(frozen=True)
class RobotCall:
    """A run of our robot. Everything but ``source``, the sender's address, is unproved."""

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
    """The call that lists our robots; refused without the optional scope bizproc."""
    return Call(f"bizproc.{kind}.list")


def read_registered(result: Json) -> frozenset[str]:
    return frozenset(str(code) for code in as_rows(result))


@dataclass(frozen=True)
class Words:
    """The robot's name and description, by Bitrix24's language codes."""

    name: Mapping[str, str]
    description: Mapping[str, str]
    icon: Mapping[str, str]
    title: Mapping[str, str]
    text: Mapping[str, str]


def register(kind: str, app_url: str, words: Words, icon_codes: Sequence[str], *, is_known: bool) -> Call:
    """Add the robot, or update it if it is registered. Workflows wait for it only if whoever places it says so.

    Our frame replaces the properties in its dialog; portals that ignore this show the properties themselves.
    """
    required = {"Required": "Y", "Multiple": "N"}
    fields = {
        "HANDLER": f"{app_url}/robot",
        "USE_SUBSCRIPTION": "N",
        "USE_PLACEMENT": "Y",
        "PLACEMENT_HANDLER": f"{app_url}/robot/settings",
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
        return Call(f"bizproc.{kind}.update", {"CODE": CODES[kind], "FIELDS": fields})
    return Call(f"bizproc.{kind}.add", {"CODE": CODES[kind], **fields})


def answer(event_token: str, bitrix_id: int | None, log_message: str) -> Call:
    """Resume the workflow. Docs: …/api-reference/bizproc/bizproc-event-send.html"""
    values = {} if bitrix_id is None else {"entry_id": bitrix_id}
    parameters = {"EVENT_TOKEN": event_token, "RETURN_VALUES": values, "LOG_MESSAGE": log_message}
    return Call("bizproc.event.send", parameters)


@dataclass(frozen=True)
class Settings:
    """What somebody has set in our robot's dialog; the texts may contain the portal's placeholders."""

    icon_code: str = ""
    title: str = ""
    text: str = ""
    # The document's fields that can be inserted: names by placeholder.
    fields: Mapping[str, str] = field(default_factory=dict)


def read_settings(options: Mapping[str, Json]) -> Settings:
    """Parse the dialog's settings; unreadable ones are empty. Docs: …/tutorials/bizproc/setting-robot.html"""
    values = {str(name).lower(): _first(value) for name, value in _map(options.get("current_values")).items()}
    listed = list(_map(options.get("document_fields")).items())[:MOST_FIELDS]
    names = {key: _name(about) for key, about in listed if FIELD_KEY.fullmatch(str(key))}
    return Settings(
        values.get("icon", ""),
        values.get("title", ""),
        values.get("text", ""),
        {f"{{=Document:{key}}}": name for key, name in names.items() if name},
    )


def _map(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _first(value: Json) -> str:
    """The value, or the first item of a list: properties may be lists of one."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return value if isinstance(value, str) else ""


def _name(about: Json) -> str:
    name = _map(about).get("Name") or _map(about).get("NAME")
    return name.strip()[:LONGEST_NAME] if isinstance(name, str) else ""
