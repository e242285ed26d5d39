"""Looks for unsure entries on the timelines of their cards."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
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
from b24app.services.delivery import bound_cards
from b24app.services.delivery.stored_text import Match, Words, match

PAGE = 10
MOST_PAGES = 100
# Rows older than this are not the entry in question; the difference between the clocks is added.
CLOCK_TOLERANCE = timedelta(minutes=15)
# A smaller difference is enough if the portal's answer shows its clock.
RESEMBLING_TOLERANCE = timedelta(minutes=1)
MOST_OTHERS = 100
# A portal that was restored from a backup reuses numbers, but not this soon.
NUMBERS_APART = timedelta(minutes=15)
# An entry with a future time was saved before our clock was set back.
LONGEST_SETTING_BACK = timedelta(days=7)

# The code of a search that did not reach back to the entry's time.
TOO_LONG = "TIMELINE_TOO_LONG"
# The code of a search that waits for an equal entry.
TWIN_UNDER_WAY = "TWIN_UNDER_WAY"

Ask = Callable[[dict[str, Call]], Answers]


@dataclass
class Reading:
    """A card's timeline, read page by page until all wanted entries are found, or back to ``earliest``.

    ``earliest`` is by our clock; ``ahead`` is how far the portal's clock is ahead, None if unknown. If the portal
    repeats a page forever, or has more entries than we read, the reading ends before it reaches ``earliest``.
    """

    entity: Entity
    earliest: datetime
    ahead: timedelta | None = None
    wanted: list[LogEntry] = field(default_factory=list)
    seen: dict[int, Entry] = field(default_factory=dict)
    pages: int = 0
    is_done: bool = False
    is_at_end: bool = False
    failure: Refused | AnswerLost | None = None

    def next_page(self) -> Call:
        return methods.entries(self.entity, offset=self.pages * PAGE)

    def take(self, rows: list[Entry], count: int | None = None) -> None:
        """Add a page; ``count`` is the number of its rows, including unreadable ones."""
        is_new = bool({row.id for row in rows} - self.seen.keys())
        self.seen |= {row.id: row for row in rows}
        self.pages += 1
        self.is_at_end = (len(rows) if count is None else count) < PAGE
        self.is_done = self.reaches(self.earliest) or not is_new or self.pages >= MOST_PAGES

    def reaches(self, moment: datetime) -> bool:
        """Whether everything written since ``moment`` was read."""
        return self.is_at_end or any(not self.is_since(row, moment) for row in self.seen.values())

    def is_since(self, row: Entry, moment: datetime) -> bool:
        """Whether a row was written at or after ``moment`` by our clock; True for rows without a time."""
        return row.created_at is None or row.created_at - (self.ahead or timedelta()) >= moment


def find(session: Session, ask: Ask, wanted: list[LogEntry]) -> dict[int, Entry | Refused | AnswerLost | None]:
    """Look for the claimed entries ``wanted`` of one author on their timelines; returns what was found, by their ids.

    None stands for an entry that is certainly not there, a failure for one that cannot be decided now. A portal's row
    stands for one of our entries at most, so that two equal ones written on purpose both survive.
    """
    readings = _read(session, ask, wanted)
    rows = {entry.id: Rows(session, readings[_entity_of(entry)], entry, wanted) for entry in wanted}
    found: dict[int, Entry | Refused | AnswerLost | None] = {}
    taken: set[int] = set()
    # Equal rows first: a row that only resembles an entry may be another one of ours.
    for grade in Match:
        for entry in sorted(wanted, key=lambda entry: entry.id):
            if entry.id not in found and (row := rows[entry.id].first(grade, taken)):
                found[entry.id] = row
                taken.add(row.id)
    for entry in wanted:
        if entry.id not in found:
            found[entry.id] = rows[entry.id].why_missing()
    return found


def _read(session: Session, ask: Ask, wanted: Iterable[LogEntry]) -> dict[Entity, Reading]:
    """Read all cards together, a page of each per request, as long as any has more."""
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
                rows, count = methods.read_entries(answers[key]), methods.count_entries(answers[key])
                reading.ahead = _ahead(answers.answered_at(key))
                reading.take(rows, count)
                reading.is_done = reading.is_done or _has_all(session, reading)
            except (Refused, AnswerLost) as failure:
                reading.failure, reading.is_done = failure, True
    return readings


def _entity_of(entry: LogEntry) -> Entity:
    return Entity(entry.entity_type_id, entry.entity_id)


def _earliest(entry: LogEntry) -> datetime:
    now = datetime.now(UTC)
    return entry.written_at - CLOCK_TOLERANCE if entry.written_at <= now else now - LONGEST_SETTING_BACK


def _ahead(answered_at: float | None) -> timedelta | None:
    """How far the portal's clock is ahead of ours, judged by the latest answer; None if unknown."""
    return None if answered_at is None else timedelta(seconds=answered_at - datetime.now(UTC).timestamp())


class Rows:
    """The rows that may be one of our entries, by certainty."""

    def __init__(self, session: Session, reading: Reading, entry: LogEntry, wanted: list[LogEntry]) -> None:
        self._reading = reading
        self._entry = entry
        others = _others(session, entry, wanted)
        self._is_twin_under_way = any(
            other.state == EntryState.SENDING and match(_words(entry), _words(other)) is not None for other in others
        )
        self._graded = list(self._possible(session, {_words(other) for other in others}))

    def first(self, grade: Match, taken: set[int]) -> Entry | None:
        """The oldest row that does not stand for another entry."""
        if self._reading.failure or self._is_twin_under_way:
            return None
        fitting = [row for one, row in self._graded if one == grade and row.id not in taken]
        return min(fitting, key=lambda row: row.id, default=None)

    def why_missing(self) -> Refused | AnswerLost | None:
        """Why the entry may be missing; None if it is certainly not there."""
        if self._reading.failure or self._is_twin_under_way:
            return self._reading.failure or AnswerLost(code=TWIN_UNDER_WAY)
        return None if self._reading.reaches(_earliest(self._entry)) else AnswerLost(code=TOO_LONG)

    def _possible(self, session: Session, foreign: set[Words]) -> Iterator[tuple[Match, Entry]]:
        """The rows that are not known as other entries; ``foreign`` ones only if their text is exactly the entry's."""
        graded = [(grade, row) for row in self._reading.seen.values() if (grade := self._grade(row)) is not None]
        known = _known(session, self._entry.portal_id, [row for _, row in graded])
        for grade, row in graded:
            if row.id not in known and (grade == Match.EXACT or _words_of(row) not in foreign):
                yield grade, row

    def _grade(self, row: Entry) -> Match | None:
        """Compare author, time, icon and text, which is all that the portal shows."""
        entry, grade = self._entry, match(_words(self._entry), _words_of(row))
        if grade is None or not self._reading.is_since(row, _earliest(entry)):
            return None
        if grade != Match.LOSSY:
            return grade if row.author_id in {None, entry.person.bitrix_id} else None
        # A row that only resembles the entry must also have its author and a later time.
        earliest = entry.written_at - RESEMBLING_TOLERANCE if self._reading.ahead is not None else _earliest(entry)
        is_likely = row.created_at is not None and row.author_id == entry.person.bitrix_id
        return grade if is_likely and self._reading.is_since(row, earliest) else None


def _words(entry: LogEntry) -> Words:
    return Words(entry.title, entry.text, entry.icon_code)


def _words_of(row: Entry) -> Words:
    return Words(row.title, row.text, row.icon_code)


def _known(session: Session, portal_id: int, rows: Collection[Entry]) -> set[int]:
    """The numbers of rows that are known as our entries, except for reused numbers."""
    holders = select(LogEntry.bitrix_id, LogEntry.sent_at).where(
        LogEntry.portal_id == portal_id, LogEntry.bitrix_id.in_([row.id for row in rows])
    )
    sent_at = {number: moment for number, moment in session.execute(holders) if number is not None}
    session.commit()
    return {row.id for row in rows if row.id in sent_at and is_same_row(row, sent_at[row.id])}


def is_same_row(row: Entry, sent_at: datetime | None) -> bool:
    return row.created_at is None or sent_at is None or abs(row.created_at - sent_at) <= NUMBERS_APART


def _has_all(session: Session, reading: Reading) -> bool:
    """Whether each wanted entry has an equal row of its own."""
    counts = Counter(_words(entry) for entry in reading.wanted)
    for entry in reading.wanted:
        since = [row for row in reading.seen.values() if reading.is_since(row, _earliest(entry))]
        equal = [row for row in since if row.author_id == entry.person.bitrix_id and _words_of(row) == _words(entry)]
        if len(equal) - len(_known(session, entry.portal_id, equal)) < counts[_words(entry)]:
            return False
    return True


def _others(session: Session, entry: LogEntry, wanted: list[LogEntry]) -> list[LogEntry]:
    """The author's other unsure entries on that card, to which the rows may belong."""
    unsettled = select(LogEntry).where(
        LogEntry.portal_id == entry.portal_id,
        LogEntry.state.in_([EntryState.SENDING, EntryState.UNSURE]),
        LogEntry.person_id == entry.person_id,
        LogEntry.id.not_in([one.id for one in wanted]),
        ((LogEntry.entity_type_id == entry.entity_type_id) & (LogEntry.entity_id == entry.entity_id))
        | LogEntry.cards.is_not(None),
    )
    others = list(session.scalars(unsettled.limit(MOST_OTHERS)))
    session.commit()
    card = _entity_of(entry)
    return [other for other in others if _entity_of(other) == card or bound_cards.is_on(other, card)]
