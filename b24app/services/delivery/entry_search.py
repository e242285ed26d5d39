"""Searches the entries of a card: the portal's latest rows, read in one request, and our own.

Only the portal knows who may read a card; if it does not answer, only the person's own entries are searched. Texts are
compared in Python, since databases disagree about case.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24, methods
from b24app.bitrix24.calls import Answers
from b24app.bitrix24.entities import Entity
from b24app.bitrix24.methods import Entry
from b24app.errors import CallFailed, LogbookError, PairDead
from b24app.i18n import folded
from b24app.models import LogEntry, Person
from b24app.services.access import portals, tokens
from b24app.services.access.people import person_name, shown_name
from b24app.services.delivery import entries
from b24app.services.delivery.timeline import PAGE

# Pages in one request: the portal's latest 200 rows.
PAGES = 20
MOST_OURS = 1000
# Of these; comparing more without case and accents would take seconds.
MOST_CHARACTERS = 500_000
MOST_FOUND = 50


@dataclass(frozen=True)
class Wanted:
    """The search: all words and parts of a name must occur, ignoring case and accents; empty matches everything."""

    words: str = ""
    person: str = ""
    icon_code: str = ""

    def __bool__(self) -> bool:
        return bool(self.words.split() or self.person.split() or self.icon_code)

    def fits(self, title: str, text: str, author: str, icon_code: str) -> bool:
        return (
            self.icon_code in {"", icon_code}
            and _has_all(self.words, f"{title}\n{text}")
            and _has_all(self.person, author)
        )


@dataclass(frozen=True)
class Found:
    """``listed`` are rows of the portal, ``ours`` entries that it has not listed.

    ``count_listed`` is the number of the portal's rows searched, None if it did not answer; ``is_whole`` says whether
    these were all. ``count_ours`` is the number of our other entries searched.
    """

    listed: list[Entry] = field(default_factory=list)
    ours: list[LogEntry] = field(default_factory=list)
    names: Mapping[int, str] = field(default_factory=dict)
    count_listed: int | None = None
    is_whole: bool = False
    count_ours: int = 0


@dataclass(frozen=True)
class _Timeline:
    """What the portal lists; ``is_readable`` if every row could be parsed."""

    rows: Mapping[int, Entry]
    is_whole: bool
    is_readable: bool

    def lacks(self, bitrix_id: int | None) -> bool:
        """Whether one of our entries is missing from the rows: somebody has deleted it in the portal."""
        if bitrix_id is None or not self.is_readable or bitrix_id in self.rows:
            return False
        return self.is_whole or bitrix_id > min(self.rows, default=bitrix_id)


def search(session: Session, b24: Bitrix24, person: Person, card: Entity, wanted: Wanted) -> Found:
    """The matching entries of a card, in no order."""
    timeline = _ask(session, b24, person, card)
    own = entries.with_words(session, person, card, MOST_OURS, is_of_all=timeline is not None)
    if timeline is None:
        latest = _latest(own)
        return Found(ours=_fitting(latest, wanted), count_ours=len(latest))
    rows = timeline.rows
    names = portals.names(session, person.portal, {row.author_id for row in rows.values() if row.author_id})
    others = [entry for entry in own if entry.bitrix_id not in rows and not timeline.lacks(entry.bitrix_id)]
    latest = _latest(others)
    return Found(
        [row for row in rows.values() if wanted.fits(row.title, row.text, _name(names, row), row.icon_code)],
        _fitting(latest, wanted),
        names,
        count_listed=len(rows),
        is_whole=timeline.is_whole and len(latest) == len(others),
        count_ours=len(latest),
    )


def _latest(own: list[LogEntry]) -> list[LogEntry]:
    """The first of these, the newest, as many as are looked through."""
    lengths = accumulate(len(one.title) + len(one.text) for one in own)
    return [one for one, length in zip(own, lengths, strict=True) if length <= MOST_CHARACTERS]


def _fitting(own: list[LogEntry], wanted: Wanted) -> list[LogEntry]:
    return [one for one in own if wanted.fits(one.title, one.text, person_name(one.person), one.icon_code)]


def _ask(session: Session, b24: Bitrix24, person: Person, card: Entity) -> _Timeline | None:
    """The latest rows of the card's timeline; None without a readable answer, or if access to the card is denied."""
    questions = {f"page_{number}": methods.entries(card, offset=number * PAGE) for number in range(PAGES)}
    if entity_call := methods.entity(card):
        questions["entity"] = entity_call
    try:
        answers = tokens.ask_all_as(session, b24, person, questions)
    except (CallFailed, PairDead):
        return None
    return None if answers.refusal_of("entity") else _read(answers)


def _read(answers: Answers) -> _Timeline | None:
    rows: dict[int, Entry] = {}
    is_whole, is_readable = False, True
    for number in range(PAGES):
        try:
            answer = answers[f"page_{number}"]
            page, count = methods.read_entries(answer), methods.count_entries(answer)
        except LogbookError:
            return _Timeline(rows, is_whole, is_readable) if number else None
        rows |= {row.id: row for row in page}
        is_readable = is_readable and len(page) == count
        if count < PAGE:
            return _Timeline(rows, is_whole=True, is_readable=is_readable)
    return _Timeline(rows, is_whole, is_readable)


def _name(names: Mapping[int, str], row: Entry) -> str:
    return names.get(row.author_id or 0) or shown_name("", row.author_id or 0)


def _has_all(words: str, text: str) -> bool:
    plain = folded(text) if words else ""
    return all(folded(word) in plain for word in words.split())
