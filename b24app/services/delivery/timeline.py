"""The timelines of cards: whether entries of ours, of which nobody knows, stand there."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from b24app.bitrix24 import methods
from b24app.bitrix24.calls import Answers, Call
from b24app.bitrix24.entities import Entity
from b24app.bitrix24.methods import Entry
from b24app.errors import AnswerLost, Refused
from b24app.models import EntryState, LogEntry

PAGE = 10
MOST_PAGES = 100
# What is older than this is not the entry we look for; the difference between the clocks comes on top.
CLOCK_TOLERANCE = timedelta(minutes=15)
# An entry of the future was written down before our clock was set back, and nobody knows by how much.
LONGEST_SETTING_BACK = timedelta(days=7)

# The code of a search that ended before it reached back to the entry's time.
TOO_LONG = "TIMELINE_TOO_LONG"
# The code of a search that has to wait for an equal entry.
TWIN_UNDER_WAY = "TWIN_UNDER_WAY"

Ask = Callable[[dict[str, Call]], Answers]


@dataclass
class Reading:
    """A card's timeline, read page by page until all that is wanted is there, or everything since ``earliest``.

    ``earliest`` is by our clock, which the portal's is ahead of by ``ahead``. A portal may repeat a page for ever, or
    have more entries than we read: then the reading ends without reaching back so far.
    """

    entity: Entity
    earliest: datetime
    ahead: timedelta = timedelta()
    wanted: list[LogEntry] = field(default_factory=list)
    seen: dict[int, Entry] = field(default_factory=dict)
    pages: int = 0
    is_done: bool = False
    is_at_end: bool = False
    failure: Refused | AnswerLost | None = None

    def next_page(self) -> Call:
        return methods.entries(self.entity, offset=self.pages * PAGE)

    def take(self, rows: list[Entry]) -> None:
        is_new = bool({row.id for row in rows} - self.seen.keys())
        self.seen |= {row.id: row for row in rows}
        self.pages += 1
        self.is_at_end = len(rows) < PAGE
        self.is_done = self.reaches(self.earliest) or not is_new or self.pages >= MOST_PAGES

    def reaches(self, moment: datetime) -> bool:
        """Whether everything is seen that was written since."""
        return self.is_at_end or any(self.written_at(row) < moment for row in self.seen.values())

    def written_at(self, row: Entry) -> datetime:
        """By our clock."""
        return row.created_at - self.ahead


def find(session: Session, ask: Ask, wanted: list[LogEntry]) -> dict[int, Entry | Refused | AnswerLost | None]:
    """What stands on the portal's timelines of ``wanted``, which are of one author and claimed; by their ids.

    None is said of an entry that certainly is not there, a failure where it cannot be told now. Each entry of the
    portal is taken for one of ours at most, so that two equal ones written on purpose both survive.
    """
    readings = _read(session, ask, wanted)
    found: dict[int, Entry | Refused | AnswerLost | None] = {}
    taken: set[int] = set()
    for entry in sorted(wanted, key=lambda entry: entry.id):
        reading = readings[_entity_of(entry)]
        if reading.failure or _is_twin_under_way(session, entry, wanted):
            found[entry.id] = reading.failure or AnswerLost(code=TWIN_UNDER_WAY)
            continue
        rows = [row for row in _unclaimed(session, reading, entry) if row.id not in taken]
        found[entry.id] = rows[0] if rows else _missing(reading, entry)
        taken.update(row.id for row in rows[:1])
    return found


def _read(session: Session, ask: Ask, wanted: Iterable[LogEntry]) -> dict[Entity, Reading]:
    """All the cards at once, a page of each in one request, as long as any of them has more."""
    readings: dict[Entity, Reading] = {}
    for entry in wanted:
        entity, earliest = _entity_of(entry), _earliest(entry)
        reading = readings.setdefault(entity, Reading(entity, earliest))
        reading.earliest = min(reading.earliest, earliest)
        reading.wanted.append(entry)
    while unread := [reading for reading in readings.values() if not reading.is_done]:
        keyed = {f"card_{number}": reading for number, reading in enumerate(unread)}
        answers = ask({key: reading.next_page() for key, reading in keyed.items()})
        for key, reading in keyed.items():
            try:
                rows = methods.read_entries(answers[key])
                reading.ahead = _ahead(answers.answered_at(key))
                reading.take(rows)
                reading.is_done = reading.is_done or _has_all(session, reading)
            except (Refused, AnswerLost) as failure:
                reading.failure, reading.is_done = failure, True
    return readings


def _entity_of(entry: LogEntry) -> Entity:
    return Entity(entry.entity_type_id, entry.entity_id)


def _earliest(entry: LogEntry) -> datetime:
    now = datetime.now(UTC)
    return entry.written_at - CLOCK_TOLERANCE if entry.written_at <= now else now - LONGEST_SETTING_BACK


def _missing(reading: Reading, entry: LogEntry) -> AnswerLost | None:
    return None if reading.reaches(_earliest(entry)) else AnswerLost(code=TOO_LONG)


def _ahead(answered_at: float | None) -> timedelta:
    """How far the portal's clock is ahead of ours, as its answer that has just come shows."""
    now = datetime.now(UTC).timestamp()
    return timedelta(seconds=(answered_at or now) - now)


def _is_equal(row: Entry, entry: LogEntry, reading: Reading) -> bool:
    """Author, words, icon and time: all that the portal tells of an entry."""
    is_since = reading.written_at(row) >= _earliest(entry)
    is_by_author = row.author_id == entry.person.bitrix_id
    return is_since and is_by_author and (row.title, row.text, row.icon_code) == _words(entry)


def _words(entry: LogEntry) -> tuple[str, str, str]:
    return entry.title, entry.text, entry.icon_code


def _unclaimed(session: Session, reading: Reading, entry: LogEntry) -> list[Entry]:
    """The rows that may be ``entry``, oldest first: equal to it, and not known as another one of ours."""
    equal = {row.id: row for row in reading.seen.values() if _is_equal(row, entry, reading)}
    ours = select(LogEntry.bitrix_id).where(LogEntry.portal_id == entry.portal_id, LogEntry.bitrix_id.in_(equal))
    known = set(session.scalars(ours))
    session.commit()
    return [row for number, row in sorted(equal.items()) if number not in known]


def _has_all(session: Session, reading: Reading) -> bool:
    """Whether each wanted entry has a row; equal ones need as many rows as there are of them."""
    counts = Counter(_words(entry) for entry in reading.wanted)
    return all(len(_unclaimed(session, reading, entry)) >= counts[_words(entry)] for entry in reading.wanted)


def _is_twin_under_way(session: Session, entry: LogEntry, claimed: list[LogEntry]) -> bool:
    """An equal entry that another process is sending right now would be taken for this one."""
    twin = select(LogEntry.id).where(
        LogEntry.person_id == entry.person_id,
        LogEntry.id.not_in([one.id for one in claimed]),
        LogEntry.state == EntryState.SENDING,
        LogEntry.entity_type_id == entry.entity_type_id,
        LogEntry.entity_id == entry.entity_id,
        LogEntry.title == entry.title,
        LogEntry.text == entry.text,
    )
    found = session.scalars(twin.limit(1)).first()
    session.commit()
    return found is not None
