"""The composer: one page for opening a card's tab and for every outcome of posting from it."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask import Response, url_for

from b24app.bitrix24.entities import TYPE_CODES, Entity
from b24app.bitrix24.methods import Entry, Icon
from b24app.i18n import gettext as _
from b24app.i18n import zone_of
from b24app.models import EntryState, LogEntry, Person
from b24app.services import icons
from b24app.services.entries import LONGEST_TEXT, LONGEST_TITLE, Draft
from b24app.web import frame
from b24app.web.icons import NAMES, IconChoice, icon_choice
from b24app.web.outcomes import Outcome, reason_in_words
from b24app.web.sessions import SessionToken, seal

LIMITS = {"title": LONGEST_TITLE, "text": LONGEST_TEXT}


@dataclass(frozen=True)
class HistoryItem:
    """An entry as the page shows it; ``state`` is sent, waiting or failed."""

    bitrix_id: int | None
    title: str
    text: str
    icon: IconChoice
    author: str
    created_at: datetime
    is_ours: bool
    state: str = "sent"
    reason: str = ""


@dataclass(frozen=True)
class Desk:
    """Where a person writes: the card, and his name for the portal to know him by."""

    person: Person
    entity: Entity
    entity_name: str

    @property
    def session(self) -> str:
        return seal(
            SessionToken(
                purpose="entry",
                member_id=self.person.portal.member_id,
                person_id=self.person.bitrix_id,
                entity_type_id=self.entity.type_id,
                entity_id=self.entity.id,
                entity_name=self.entity_name,
            )
        )


@dataclass(frozen=True)
class Filled:
    """What stands in the form and what is said about it; an empty key means a form that has not been sent yet."""

    draft: Draft = field(default_factory=Draft)
    form_key: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    outcome: Outcome | None = None


def show(
    desk: Desk, history: list[HistoryItem], filled: Filled | None = None, *, history_problem: str = ""
) -> Response:
    """The composer for a proved person."""
    filled = filled or Filled()
    portal = desk.person.portal
    offered = icons.offered(portal)
    chosen = filled.draft.icon_code or (offered[0].code if offered else "")
    return frame.page_for(
        portal,
        "composer.html",
        filled.outcome.status if filled.outcome else 200,
        entity={"kind": kind_of(desk.entity.type_id), "name": desk.entity_name or name_of(desk.entity)},
        icons=[icon_choice(icon.code, icon.file_uri, portal.origin) for icon in offered],
        form=_form(filled, session=desk.session, icon=chosen, can_post=bool(offered)),
        limits=LIMITS,
        outcome=filled.outcome,
        history=history,
        history_problem=history_problem,
    )


def show_orphaned(filled: Filled) -> Response:
    """The composer for somebody whom we cannot tell any more: his own words and nothing else."""
    return frame.page_for_anyone(
        "composer.html",
        filled.outcome.status if filled.outcome else 200,
        entity={"kind": _("Card"), "name": ""},
        icons=[icon_choice(filled.draft.icon_code, "", "")] if filled.draft.icon_code in NAMES else [],
        form=_form(filled, session="", icon=filled.draft.icon_code, can_post=False),
        limits=LIMITS,
        outcome=filled.outcome,
        history=[],
        history_problem="",
    )


def items_of_portal(
    person: Person, entries: Iterable[Entry], ours: Mapping[int, LogEntry], names: Mapping[int, str]
) -> list[HistoryItem]:
    """The entries that the portal lists; ``ours`` and ``names`` are the entries and authors that we know, by id."""
    return [
        HistoryItem(
            bitrix_id=entry.id,
            title=entry.title,
            text=entry.text,
            icon=_icon(person, entry.icon_code),
            author=names.get(entry.author_id) or _("Colleague no. %(id)s") % {"id": entry.author_id},
            created_at=entry.created_at.astimezone(zone_of(person.time_zone)),
            is_ours=entry.id in ours,
        )
        for entry in entries
    ]


def items_of_ours(person: Person, entries: Iterable[LogEntry]) -> list[HistoryItem]:
    """Entries as we have them ourselves, those included that the portal does not have yet."""
    return [
        HistoryItem(
            bitrix_id=entry.bitrix_id,
            title=entry.title,
            text=entry.text,
            icon=_icon(person, entry.icon_code),
            author=entry.person.name,
            created_at=(entry.sent_at or entry.written_at).astimezone(zone_of(person.time_zone)),
            is_ours=True,
            state="sent" if entry.state == EntryState.SENT else "waiting",
            reason="" if entry.state == EntryState.SENT else reason_in_words(entry.reason),
        )
        for entry in entries
    ]


def kind_of(type_id: int) -> str:
    """What people call this kind of card."""
    names = {
        "LEAD": _("Lead"),
        "DEAL": _("Deal"),
        "CONTACT": _("Contact"),
        "COMPANY": _("Company"),
        "QUOTE": _("Estimate"),
        "ORDER": _("Order"),
        "SMART_INVOICE": _("Invoice"),
    }
    return names.get(TYPE_CODES.get(type_id, ""), _("Item"))


def name_of(entity: Entity) -> str:
    """A card without a name of its own."""
    return _("%(kind)s %(id)s") % {"kind": kind_of(entity.type_id), "id": entity.id}


def _icon(person: Person, code: str) -> IconChoice:
    known = {icon.code: icon for icon in icons.offered(person.portal)}
    icon = known.get(code, Icon(code, ""))
    return icon_choice(icon.code, icon.file_uri, person.portal.origin)


def _form(filled: Filled, *, session: str, icon: str, can_post: bool) -> dict[str, object]:
    return {
        "action": url_for("entries.post"),
        "session": session,
        "form_key": filled.form_key or secrets.token_urlsafe(16),
        "icon": icon,
        "title": filled.draft.title,
        "text": filled.draft.text,
        "errors": filled.errors,
        "can_post": can_post,
    }
