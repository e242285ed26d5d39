"""Sets of entries: sent fifty per request, exactly once, after single entries and before those of programs."""

import pytest
from sqlalchemy import func, select, update

from b24app.bitrix24.entities import Entity
from b24app.models import EntryState, LogEntry, Person, Source
from b24app.services.delivery import batches, sets
from b24app.services.delivery.entries import Draft
from b24app.services.delivery.sets import Fate
from devportal import Portal
from tests.support.logbook import Logbook
from tests.support.outboxes import ADD, post, write_many
from tests.support.query_plans import faults, heard

DEAL = 2
DRAFT = Draft("comment", "News", "We move.")


def author(logbook: Logbook, portal: Portal) -> Person:
    """The administrator, who has installed it."""
    with logbook.database() as session:
        return session.scalars(select(Person).where(Person.bitrix_id == portal.administrator.id)).one()


def cards(portal: Portal, count: int) -> list[Entity]:
    """New deals."""
    return [Entity(DEAL, portal.add_item(DEAL, f"Deal {number}")) for number in range(count)]


def write(logbook: Logbook, portal: Portal, chosen: list[Entity], key: str = "key") -> int:
    with logbook.database() as session:
        return sets.write(session, session.merge(author(logbook, portal)), chosen, DRAFT, key)


def fates(logbook: Logbook, portal: Portal, set_id: int) -> dict[Fate, int]:
    with logbook.database() as session:
        found = sets.find(session, author(logbook, portal), set_id)
    assert found
    return {fate: len(found.having(fate)) for fate in Fate if found.having(fate)}


def counts(portal: Portal, chosen: list[Entity]) -> set[int]:
    """How many entries each of the cards has."""
    return {len(portal.timeline(card.type_id, card.id)) for card in chosen}


def test_fifty_are_sent_in_a_request_and_a_lost_answer_doubles_none(installed: Logbook, portal: Portal) -> None:
    chosen = cards(portal, 120)
    set_id = write(installed, portal, chosen)
    portal.calls.clear()
    portal.faults.reset("batch", processed=True)
    installed.work()
    assert [len(call.commands) for call in portal.calls if ADD in call.commands] == [50]
    installed.pass_time(120)
    installed.work()
    installed.pass_time(120)
    installed.work()
    assert counts(portal, chosen) == {1}
    assert fates(installed, portal, set_id) == {Fate.SENT: 120}


def test_of_500_cards_one_is_not_refused(installed: Logbook, portal: Portal) -> None:
    chosen = cards(portal, 1)
    set_id = write(installed, portal, [*chosen, *(Entity(DEAL, 10_000 + number) for number in range(499))])
    installed.work()
    assert counts(portal, chosen) == {1}
    assert fates(installed, portal, set_id) == {Fate.SENT: 1, Fate.REFUSED: 499}


def test_the_same_form_makes_one_set_and_another_text_another(installed: Logbook, portal: Portal) -> None:
    chosen = cards(portal, 3)
    assert write(installed, portal, chosen) == write(installed, portal, [*chosen, chosen[0]])
    assert write(installed, portal, chosen) != write(installed, portal, chosen[:2])
    assert len(installed.entries()) == 5


def test_a_process_killed_before_the_commit_has_written_nothing(installed: Logbook, portal: Portal) -> None:
    with installed.database() as session:
        session.commit = session.rollback  # type: ignore[method-assign]
        sets.write(session, session.merge(author(installed, portal)), cards(portal, 3), DRAFT, "key")
    assert installed.entries() == []


def test_a_single_entry_goes_first_and_a_machines_last(installed: Logbook, portal: Portal) -> None:
    write_many(installed, portal, 60, state=EntryState.PENDING, source=Source.API, reason=None)
    set_id = write(installed, portal, cards(portal, 60))
    write_many(installed, portal, 1, state=EntryState.PENDING, source=Source.PERSON, reason=None)
    with installed.database() as session:
        row = author(installed, portal).portal
        order = []
        while chosen := batches.next_entries(session, row):
            order.append(sorted({session.get_one(LogEntry, one.id).source for one in chosen}))
            session.execute(update(LogEntry).where(LogEntry.id.in_([one.id for one in chosen])).values(state="sent"))
            session.commit()
        assert session.scalar(select(func.count()).where(LogEntry.set_id == set_id)) == 60
    assert order == [["person"], ["set"], ["set"], ["api"], ["api"]]


def test_a_single_entry_is_sent_at_once_while_a_set_waits(installed: Logbook, portal: Portal) -> None:
    write(installed, portal, cards(portal, 200))
    assert post(installed, portal).outcome == "posted"


@pytest.mark.parametrize("when", ["before", "after"])
def test_taken_back_while_the_answer_is_lost_all_of_it_goes(installed: Logbook, portal: Portal, when: str) -> None:
    chosen = cards(portal, 3)
    set_id = write(installed, portal, chosen)
    portal.faults.reset("batch", processed=when == "after")
    installed.work()
    with installed.database() as session:
        assert sets.undo(session, author(installed, portal), set_id) == 3
    for _round in range(4):
        installed.pass_time(400)
        installed.work()
    assert counts(portal, chosen) == {0}
    assert fates(installed, portal, set_id) == {Fate.GONE: 3}


def test_sets_are_found_by_their_index(installed: Logbook, portal: Portal) -> None:
    person = author(installed, portal)
    write_many(installed, portal, 300)
    write(installed, portal, cards(portal, 5))
    with installed.database() as session:
        engine = session.get_bind()
        with heard(engine) as statements:  # type: ignore[arg-type]
            (glimpse,) = sets.latest(session, person)
            found = sets.find(session, person, glimpse.id)
        assert found
        assert (glimpse.count, len(found.members)) == (5, 5)
        plans = [faults(session, *statement, "log_entries") for statement in statements]
    assert plans == [[], []]
