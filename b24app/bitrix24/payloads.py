"""Parses what a portal sends us, a frame's POST or an event, without trusting any of it.

Docs: https://apidocs.bitrix24.com/api-reference/widgets/ and …/api-reference/events/
"""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from typing import Any

from b24app.bitrix24.addresses import LABEL, origin_of
from b24app.bitrix24.entities import Entity, Menu, menu_of, type_id_of
from b24app.errors import Malformed
from b24app.storable_text import storable

Fields = Mapping[str, Sequence[str]]

MAIN_PAGE = "DEFAULT"
# The dialog in which somebody sets up our robot; the docs do not name its placement.
ROBOT_SETTINGS = "BIZPROC_ACTIVITY_PROPERTIES_DIALOG"
WITHOUT_CARD = frozenset({MAIN_PAGE, ROBOT_SETTINGS})
# The owner type of activities.
ACTIVITY = "6"
# Events of smart processes; older portals do not have them.
TYPE_EVENTS = frozenset({"ONCRMTYPEADD", "ONCRMTYPEDELETE"})
# Events that are sent without being bound: the application's own user, and a change of its payment.
UNBOUND_EVENTS = frozenset({"ONAPPUSERREADY", "ONAPPPAYMENT"})
EVENTS = frozenset({"ONAPPINSTALL", "ONAPPUPDATE", "ONAPPUNINSTALL"}) | TYPE_EVENTS | UNBOUND_EVENTS

SECRET = re.compile(r"[!-~]{1,2048}")
MEMBER_ID = re.compile(r"[0-9A-Za-z._-]{1,64}")
HOST = re.compile(rf"(?=.{{1,253}}(?::|$)){LABEL}(?:\.{LABEL})*(?::[0-9]{{1,5}})?")
PORT = re.compile(r"[0-9]{1,5}", re.ASCII)
LAST_PORT = 65535
SCHEMES = {"0": "http", "1": "https"}
# Including a port; IDNA encoding of a much longer host would take very long.
LONGEST_HOST = 260
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?")
PLACEMENT = re.compile(r"[A-Z0-9_]{1,100}")
POSITIVE = re.compile(r"[1-9][0-9]{0,17}")
EVENT = re.compile(r"[A-Z0-9_]{1,64}")
SECONDS = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?", re.ASCII)
# More seconds than this are milliseconds or an even smaller unit.
LATEST_SECONDS = 10**11
LONGEST_MOMENT = 40
# Cloud portals are direct subdomains of these, which only Bitrix24 controls.
CLOUD_ZONES = frozenset(
    f"bitrix24.{ending}"
    for ending in (
        *("com", "com.br", "com.tr", "by", "cn", "co", "de", "es", "eu", "fr", "id", "in", "it", "jp", "kz", "mx"),
        *("pl", "ru", "uk", "vn"),
    )
)
ADDRESS = re.compile(r"https?://[!-~]{1,500}")


@dataclass(frozen=True)
class FrameCall:
    """A placement call: the POST with which a portal opens our frame.

    Everything but ``source``, the sender's address, is unproved.
    """

    domain: str
    member_id: str
    placement: str
    entity: Entity | None
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    application_token: str | None = field(repr=False)
    server_endpoint: str | None
    language: str
    source: str = ""
    # None if the frame has no PROTOCOL.
    scheme: str | None = None
    # The activity from whose menu it was opened.
    activity_id: int | None = None
    options: Mapping[str, Any] = field(repr=False, default_factory=dict)
    # The frame is hidden: the portal draws what our script asks for.
    is_native: bool = False

    def origin(self, usual_scheme: str) -> str:
        """The claimed origin of the page around the frame: the host in the person's browser."""
        return origin_of(f"{self.scheme or usual_scheme}://{self.domain}")


@dataclass(frozen=True)
class EventCall:
    """An event; EVENTS are those that we act on. Everything but ``source``, the sender's address, is unproved.

    ``sent_at`` is in unix seconds.
    """

    name: str
    member_id: str
    sent_at: int | None
    application_token: str | None = field(repr=False)
    access_token: str | None = field(repr=False)
    refresh_token: str | None = field(repr=False)
    server_endpoint: str | None
    source: str = ""
    # The pair of the application's own user, in ONAPPUSERREADY.
    own_access_token: str | None = field(repr=False, default=None)
    own_refresh_token: str | None = field(repr=False, default=None)


def read_frame(query: Fields, body: Fields, source: str = "") -> FrameCall:
    """Read the POST of a frame; raises Malformed. Docs: …/api-reference/widgets/ (what a widget receives)."""
    fields = Reader({**query, **body})
    placement = fields.required("PLACEMENT", PLACEMENT)
    options = _read_options(fields.optional_text("PLACEMENT_OPTIONS"))
    return FrameCall(
        domain=fields.required("DOMAIN", HOST, _plain_host),
        member_id=fields.required("member_id", MEMBER_ID),
        placement=placement,
        entity=_read_entity(placement, options),
        access_token=fields.required("AUTH_ID", SECRET),
        refresh_token=fields.optional("REFRESH_ID", SECRET),
        application_token=fields.optional("APPLICATION_TOKEN", SECRET),
        server_endpoint=fields.hint("SERVER_ENDPOINT", ADDRESS),
        language=(fields.hint("LANG", LANGUAGE) or "en").lower(),
        source=source,
        scheme=SCHEMES.get(fields.optional_text("PROTOCOL")),
        activity_id=_read_activity(placement, options),
        options=options,
        is_native=str(options.get("useBuiltInInterface")).upper() in {"Y", "TRUE", "1"},
    )


def read_event(body: Fields, source: str = "") -> EventCall:
    """Read the POST of any event; raises Malformed. Docs: …/api-reference/common/events/"""
    fields = Reader(body)
    name = fields.required("event", EVENT, str.upper)
    return EventCall(
        name=name,
        member_id=fields.optional("auth[member_id]", MEMBER_ID) or fields.required("data[member_id]", MEMBER_ID),
        sent_at=_read_moment(fields.optional_text("ts")),
        application_token=fields.optional("auth[application_token]", SECRET),
        access_token=fields.optional("auth[access_token]", SECRET),
        refresh_token=fields.optional("auth[refresh_token]", SECRET),
        server_endpoint=fields.hint("auth[server_endpoint]", ADDRESS),
        source=source,
        own_access_token=fields.optional("data[access_token]", SECRET),
        own_refresh_token=fields.optional("data[refresh_token]", SECRET),
    )


def read_host(text: str) -> str:
    """A host, optionally with a port, normalized for comparison; raises Malformed."""
    host = _plain_host(text)
    if not HOST.fullmatch(host):
        raise Malformed(field="domain")
    return host


def is_cloud(host: str) -> bool:
    """Whether a host name belongs to Bitrix24's own cloud."""
    name, _, zone = host.partition(".")
    return bool(name) and zone in CLOUD_ZONES


class Reader:
    """Reads single fields of a form; a field with two different values is malformed."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def optional_text(self, name: str) -> str:
        values = set(self._fields.get(name, ()))
        if len(values) > 1:
            raise Malformed(field=name)
        return values.pop() if values else ""

    def optional(self, name: str, pattern: re.Pattern[str], tidy: Any = str) -> str | None:
        text: str = tidy(self.optional_text(name))
        if text and not pattern.fullmatch(text):
            raise Malformed(field=name)
        return text or None

    def required(self, name: str, pattern: re.Pattern[str], tidy: Any = str) -> str:
        text = self.optional(name, pattern, tidy)
        if text is None:
            raise Malformed(field=name)
        return text

    def hint(self, name: str, pattern: re.Pattern[str]) -> str | None:
        """An optional field; an invalid value counts as absent."""
        text = self.optional_text(name)
        return text if pattern.fullmatch(text) else None


def _plain_host(text: str) -> str:
    if len(text) > LONGEST_HOST:
        raise Malformed(field="DOMAIN")
    text = text.lower()
    if not text.isascii():
        try:
            text = text.encode("idna").decode()
        except UnicodeError:
            raise Malformed(field="DOMAIN") from None
    host, colon, port = text.partition(":")
    if PORT.fullmatch(port) and not 0 < int(port) <= LAST_PORT:
        raise Malformed(field="DOMAIN")
    return host.removesuffix(".") + colon + port


def _read_options(text: str) -> dict[str, Any]:
    """PLACEMENT_OPTIONS as a map; an empty PHP array is ``[]``, and a missing one may be ``undefined``."""
    if text in {"", "undefined", "[]", "null"}:
        return {}
    options = _read_json(text)
    if isinstance(options, str):
        # Encoded twice: JSON within a JSON string.
        options = _read_json(options)
    if isinstance(options, list):
        # PHP writes a map with the keys 0, 1, 2 as a list.
        return {str(number): value for number, value in enumerate(options)}
    if not isinstance(options, dict):
        raise Malformed(field="PLACEMENT_OPTIONS")
    return options


def _read_json(text: str) -> Any:
    """JSON, which some pages escape for HTML once too often, ``{&quot;ID&quot;:&quot;1&quot;}``.

    Its texts are cleaned, as those of a portal's answers are.
    """
    for written in (text, unescape(text)):
        with suppress(ValueError, RecursionError):
            return storable(json.loads(written))
    raise Malformed(field="PLACEMENT_OPTIONS")


def _read_moment(text: str) -> int | None:
    """A time in seconds, milliseconds or ISO 8601 (UTC by default); None if missing."""
    if not text:
        return None
    if SECONDS.fullmatch(text):
        seconds = int(text.partition(".")[0])
        while seconds > LATEST_SECONDS:
            seconds //= 1000
        return seconds
    try:
        moment = datetime.fromisoformat(text[:LONGEST_MOMENT])
        return max(0, int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))
    except (ValueError, OverflowError):
        raise Malformed(field="ts") from None


def _read_entity(placement: str, options: dict[str, Any]) -> Entity | None:
    if placement in WITHOUT_CARD:
        return None
    type_id = type_id_of(placement)
    if type_id is None:
        raise Malformed(field="PLACEMENT")
    # The key differs by placement and by kind of entity, so all of them are read.
    ids = {_read_id(options[key]) for key in ("ID", "ENTITY_ID", "entityId") if key in options}
    if len(ids) != 1:
        raise Malformed(field="PLACEMENT_OPTIONS")
    return Entity(type_id, ids.pop())


def _read_activity(placement: str, options: dict[str, Any]) -> int | None:
    """The activity's number, which only fills in a title; None if it is unreadable or the record is no activity."""
    if menu_of(placement) != Menu.RECORD or str(options.get("ASSOCIATED_ENTITY_TYPE_ID")) != ACTIVITY:
        return None
    with suppress(Malformed):
        return _read_id(options.get("ASSOCIATED_ENTITY_ID"))
    return None


def _read_id(value: object) -> int:
    text = str(value) if type(value) in {str, int} else ""
    if not POSITIVE.fullmatch(text):
        raise Malformed(field="PLACEMENT_OPTIONS")
    return int(text)
