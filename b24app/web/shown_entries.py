"""Entries as our pages show them: like a timeline, with the actions that their reader may take."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple, TypedDict

from flask import request
from markupsafe import Markup

from b24app.bitrix24.entities import Entity
from b24app.bitrix24.methods import Entry
from b24app.i18n import language, moment, zone_of
from b24app.models import EntryState, LogEntry, Person
from b24app.services.access.people import person_name, shown_name
from b24app.services.delivery import preview, timeline
from b24app.services.delivery.entries import Draft
from b24app.web import also_on
from b24app.web.icons import IconChoice
from b24app.web.outcomes import lost_words, reason_in_words
from b24app.web.page_cache import own, render

# The number of cached rows. A row is about a kilobyte; an entry has at most ten thousand characters.
ROWS_KEPT = 1000
# A longer text is folded, in characters.
LONGEST_UNFOLDED = 320
# What a row only prints of an item, in its card and around it.
CARD_TEXTS = ("initials", "title", "text", "iso", "moment", "own_id", "pin_id")
FOOT_TEXTS = ("bitrix_id", "author", "also", "reason")
# The states as readers see them.
Shown = Literal["sent", "waiting", "failed"]
SHOWN: Mapping[EntryState, Shown] = {EntryState.SENT: "sent", EntryState.FAILED: "failed"}
# The icons that the portal lists, by code.
Icons = Mapping[str, IconChoice]


class PinOf(TypedDict):
    """The fields of an item about its pin."""

    pin_id: int | None
    is_pinned: bool


class HistoryItem(NamedTuple):
    """``icon`` is None for a code without a picture.

    ``own_id`` is our number of an entry that the reader wrote with Logbook and can therefore change.
    """

    bitrix_id: int | None
    title: str
    text: str
    icon: IconChoice | None
    author: str
    created_at: datetime
    is_ours: bool
    own_id: int | None = None
    # Our number of an entry that can be pinned or unpinned on this card.
    pin_id: int | None = None
    is_pinned: bool = False
    state: Shown = "sent"
    also: str = ""
    reason: str = ""

    @property
    def card_words(self) -> dict[str, object]:
        """For templates/_card.html."""
        icon = self.icon and {"name": own(self.icon.name), "mark": own(self.icon.mark)}
        return {**{name: own(getattr(self, name)) for name in CARD_TEXTS}, "icon": icon}

    @property
    def words(self) -> dict[str, object]:
        """For templates/_entry.html."""
        texts = {name: own(getattr(self, name)) for name in FOOT_TEXTS}
        facts = {"state": self.state, "is_ours": self.is_ours, "is_pinned": self.is_pinned}
        return {**self.card_words, **texts, **facts, "is_long": len(self.text) > LONGEST_UNFOLDED}

    @property
    def initials(self) -> str:
        return "".join([word[0] for word in self.author.split()[:2]])

    @property
    def iso(self) -> str:
        """The item's time in ISO 8601."""
        return self.created_at.isoformat()

    @property
    def moment(self) -> str:
        return moment(self.created_at)


def rows(items: Iterable[HistoryItem], *, is_reader: bool = False) -> list[Markup]:
    """The items' rows in the history, each rendered once for everybody who sees the same."""
    place = language(), request.script_root
    return [_row(item, is_reader, item.created_at.utcoffset(), *place) for item in items]


@lru_cache(ROWS_KEPT)
def _row(
    item: HistoryItem, is_reader: bool, _utc_offset: timedelta | None, _language: str, _script_root: str
) -> Markup:
    """Render a row. The UTC offset is a parameter since equal times look different in other time zones."""
    words = {"entry": item.words, "is_reader": is_reader}
    return Markup(render("_entry.html", words))  # noqa: S704 - a template escapes


# Cache statistics.
kept_rows = _row.cache_info


def of_draft(person: Person, draft: Draft, icons: Icons) -> HistoryItem:
    """What the timeline would show if this were posted now."""
    now = datetime.now(UTC).astimezone(zone_of(person.time_zone))
    title, text = preview.as_shown(draft.title), preview.as_shown(draft.text)
    icon = icons.get(draft.icon_code)
    return HistoryItem(None, title, text, icon, person_name(person), now, is_ours=True)


def of_portal(
    person: Person,
    entries: Iterable[Entry],
    ours: Mapping[int, LogEntry],
    names: Mapping[int, str],
    icons: Icons,
    card: Entity,
) -> list[HistoryItem]:
    """The portal's entries on a card; ``ours`` and ``names`` are the known entries and authors, by id."""
    zone = zone_of(person.time_zone)
    return [
        HistoryItem(
            bitrix_id=entry.id,
            title=preview.as_shown(entry.title),
            text=preview.as_shown(entry.text),
            icon=icons.get(entry.icon_code),
            author=names.get(entry.author_id) or shown_name("", entry.author_id),
            created_at=entry.created_at.astimezone(zone),
            is_ours=same is not None,
            own_id=_own_id(person, same),
            **_pin(same, card),
            also=_also(person, same),
            reason=_lost(person, same, entry),
        )
        for entry in entries
        for same in [_same(ours, entry)]
        # Rows without a time or an author are shown with their text alone.
        if entry.created_at and entry.author_id
    ]


def of_ours(person: Person, entries: Iterable[LogEntry], icons: Icons) -> list[HistoryItem]:
    """Our own entries, including unsent ones."""
    zone = zone_of(person.time_zone)
    return [
        HistoryItem(
            bitrix_id=entry.bitrix_id,
            title=preview.as_shown(entry.title),
            text=preview.as_shown(entry.text),
            icon=icons.get(entry.icon_code),
            author=person_name(entry.person),
            created_at=(entry.sent_at or entry.written_at).astimezone(zone),
            is_ours=True,
            own_id=_own_id(person, entry),
            **_pin(entry, Entity(entry.entity_type_id, entry.entity_id)),
            state=SHOWN.get(entry.state, "waiting"),
            also=_also(person, entry),
            reason=_lost(person, entry) if entry.state == EntryState.SENT else reason_in_words(entry),
        )
        for entry in entries
    ]


def _same(ours: Mapping[int, LogEntry], row: Entry) -> LogEntry | None:
    """Our entry with the row's number, unless a portal restored from a backup has reused the number."""
    entry = ours.get(row.id)
    return entry if entry and timeline.is_same_row(row, entry.sent_at) else None


def _lost(person: Person, entry: LogEntry | None, row: Entry | None = None) -> str:
    """The lost parts of an entry's text, for its author only."""
    is_own = entry is not None and entry.person_id == person.id and entry.deleted_at is None
    return lost_words(entry, row) if entry and is_own else ""


def _also(person: Person, entry: LogEntry | None) -> str:
    """The names of further cards, for the author only, since others may not be allowed to see those cards."""
    return also_on.in_words(entry) if entry and entry.person_id == person.id and entry.deleted_at is None else ""


def _pin(entry: LogEntry | None, card: Entity) -> PinOf:
    """The item's pin, only on its own card, since our row knows about that card alone."""
    if entry is None or entry.state != EntryState.SENT or entry.deleted_at is not None:
        return {"pin_id": None, "is_pinned": False}
    is_here = (entry.entity_type_id, entry.entity_id) == (card.type_id, card.id)
    return {"pin_id": entry.id if is_here else None, "is_pinned": is_here and entry.pinned_at is not None}


def _own_id(person: Person, entry: LogEntry | None) -> int | None:
    return entry.id if entry and entry.person_id == person.id else None
