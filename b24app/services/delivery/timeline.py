"""The timelines of cards: whether our unsure entries are on them."""

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
# Anything older than this is not the entry we look for; the difference between the clocks is added.
CLOCK_TOLERANCE = timedelta(minutes=15)
# The difference is smaller if the portal's answer shows its clock.
RESEMBLING_TOLERANCE = timedelta(minutes=1)
MOST_OTHERS = 100
# A portal that was restored from a backup reuses numbers, but not this soon.
NUMBERS_APART = timedelta(minutes=15)
# An entry in the future was saved before our clock was set back by an unknown time.
LONGEST_SETTING_BACK = timedelta(days=7)

# The code of a search that ended before it reached back to the entry's time.
TOO_LONG = "TIMELINE_TOO_LONG"
# The code of a search that has to wait for an equal entry.
TWIN_UNDER_WAY = "TWIN_UNDER_WAY"

Ask = Callable[[dict[str, Call]], Answers]


@dataclass
class Reading:
    """A card's timeline, read page by page until all wanted entries are found, or back to ``earliest``.

    ``earliest`` is by our clock, which the portal's is ahead of by ``ahead``; None where it does not say. A portal may
    repeat a page for ever, or have more entries than we read: then the reading ends without reaching back so far.
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
        """``count`` is how many rows the page has, where some of them cannot be read."""
        is_new = bool({row.id for row in rows} - self.seen.keys())
        self.seen |= {row.id: row for row in rows}
        self.pages += 1
        self.is_at_end = (len(rows) if count is None else count) < PAGE
        self.is_done = self.reaches(self.earliest) or not is_new or self.pages >= MOST_PAGES

    def reaches(self, moment: datetime) -> bool:
        """Whether everything written since then was read."""
        return self.is_at_end or any(not self.is_since(row, moment) for row in self.seen.values())

    def is_since(self, row: Entry, moment: datetime) -> bool:
        """Whether a row was written at that moment by our clock, or later; a row without a time may have been."""
        return row.created_at is None or row.created_at - (self.ahead or timedelta()) >= moment


def find(session: Session, ask: Ask, wanted: list[LogEntry]) -> dict[int, Entry | Refused | AnswerLost | None]:
    """What is on the portal's timelines of ``wanted``, which are of one author and claimed; by their ids.

    None for an entry that is certainly not there, a failure where that cannot be known now. Each entry of the
    portal is taken for one of ours at most, so that two equal ones written on purpose both survive.
    """
    readings = _read(session, ask, wanted)
    rows = {entry.id: Rows(session, readings[_entity_of(entry)], entry, wanted) for entry in wanted}
    found: dict[int, Entry | Refused | AnswerLost | None] = {}
    taken: set[int] = set()
    # What is equal goes first: what only resembles an entry may be another one of ours.
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
    """Read all cards at once, a page of each in one request, as long as any has more."""
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
    """How far the portal's clock is ahead of ours, from the answer that just arrived; None if unknown."""
    return None if answered_at is None else timedelta(seconds=answered_at - datetime.now(UTC).timestamp())


class Rows:
    """The rows that may be one entry of ours, by certainty."""

    def __init__(self, session: Session, reading: Reading, entry: LogEntry, wanted: list[LogEntry]) -> None:
        self._reading = reading
        self._entry = entry
        others = _others(session, entry, wanted)
        self._is_twin_under_way = any(
            other.state == EntryState.SENDING and match(_words(entry), _words(other)) is not None for other in others
        )
        self._graded = list(self._possible(session, {_words(other) for other in others}))

    def first(self, grade: Match, taken: set[int]) -> Entry | None:
        """The oldest row not taken for another entry."""
        if self._reading.failure or self._is_twin_under_way:
            return None
        fitting = [row for one, row in self._graded if one == grade and row.id not in taken]
        return min(fitting, key=lambda row: row.id, default=None)

    def why_missing(self) -> Refused | AnswerLost | None:
        """None if the entry is certainly not there."""
        if self._reading.failure or self._is_twin_under_way:
            return self._reading.failure or AnswerLost(code=TWIN_UNDER_WAY)
        return None if self._reading.reaches(_earliest(self._entry)) else AnswerLost(code=TOO_LONG)

    def _possible(self, session: Session, foreign: set[Words]) -> Iterator[tuple[Match, Entry]]:
        """What is known as another entry is none; ``foreign`` text only counts if it is exactly the entry's own."""
        graded = [(grade, row) for row in self._reading.seen.values() if (grade := self._grade(row)) is not None]
        known = _known(session, self._entry.portal_id, [row for _, row in graded])
        for grade, row in graded:
            if row.id not in known and (grade == Match.EXACT or _words_of(row) not in foreign):
                yield grade, row

    def _grade(self, row: Entry) -> Match | None:
        """Compares author, time, icon and text: everything that the portal shows of an entry."""
        entry, grade = self._entry, match(_words(self._entry), _words_of(row))
        if grade is None or not self._reading.is_since(row, _earliest(entry)):
            return None
        if grade != Match.LOSSY:
            return grade if row.author_id in {None, entry.person.bitrix_id} else None
        # A row that only resembles the entry must also name its author, and a time after ours was written.
        earliest = entry.written_at - RESEMBLING_TOLERANCE if self._reading.ahead is not None else _earliest(entry)
        is_likely = row.created_at is not None and row.author_id == entry.person.bitrix_id
        return grade if is_likely and self._reading.is_since(row, earliest) else None


def _words(entry: LogEntry) -> Words:
    return Words(entry.title, entry.text, entry.icon_code)


def _words_of(row: Entry) -> Words:
    return Words(row.title, row.text, row.icon_code)


def _known(session: Session, portal_id: int, rows: Collection[Entry]) -> set[int]:
    """The numbers of rows that are our entries; a portal restored from a backup reuses numbers."""
    holders = select(LogEntry.bitrix_id, LogEntry.sent_at).where(
        LogEntry.portal_id == portal_id, LogEntry.bitrix_id.in_([row.id for row in rows])
    )
    sent_at = {number: moment for number, moment in session.execute(holders) if number is not None}
    session.commit()
    return {row.id for row in rows if row.id in sent_at and is_same_row(row, sent_at[row.id])}


def is_same_row(row: Entry, sent_at: datetime | None) -> bool:
    return row.created_at is None or sent_at is None or abs(row.created_at - sent_at) <= NUMBERS_APART


def _has_all(session: Session, reading: Reading) -> bool:
    """Whether each wanted entry has an equal row; equal entries need one row each."""
    counts = Counter(_words(entry) for entry in reading.wanted)
    for entry in reading.wanted:
        since = [row for row in reading.seen.values() if reading.is_since(row, _earliest(entry))]
        equal = [row for row in since if row.author_id == entry.person.bitrix_id and _words_of(row) == _words(entry)]
        if len(equal) - len(_known(session, entry.portal_id, equal)) < counts[_words(entry)]:
            return False
    return True


def _others(session: Session, entry: LogEntry, wanted: list[LogEntry]) -> list[LogEntry]:
    """The author's other unsure entries on that card, of which it may be a further one."""
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
