"""Prepared statements find and change what SQLAlchemy would; their objects belong to the session."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, Text, bindparam, event, func, literal, select, update
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from b24app.bitrix24.entities import Entity
from b24app.db import insert_for
from b24app.models import LogEntry, Person, Portal, SavedDraft
from b24app.outages import is_outage
from b24app.prepared import Prepared, among, either, padded
from b24app.services.delivery import entries
from b24app.services.delivery.entries import Draft
from b24app.services.delivery.outbox import WAITING
from b24app.storable_text import UNSTORABLE
from devportal import Portal as BoxPortal
from tests.conftest import any_database
from tests.support.logbook import Logbook
from tests.support.postgresql import PostgreSql

PORTALS = Prepared(select(Portal).where(Portal.member_id == bindparam("member_id")))
NAMED = Prepared(select(Person).where(among(Person.name, "name", 3)))
WITH_DRAFTS = Prepared(select(Person, SavedDraft).outerjoin(SavedDraft, SavedDraft.person_id == Person.id))
RENAMING = Prepared(update(Person).where(Person.name == bindparam("before")).values(name=bindparam("after")))


@pytest.fixture
def session(installed: Logbook, portal: BoxPortal) -> Iterator[Session]:
    installed.send(portal.frame(portal.administrator))
    with installed.database() as session:
        yield session


def the_person(session: Session) -> Person:
    return session.scalars(select(Person)).one()


def test_an_object_has_the_same_values_as_one_that_the_orm_loads(session: Session, portal: BoxPortal) -> None:
    found = PORTALS.first(session, {"member_id": portal.member_id})
    values = {name: getattr(found, name) for name in Portal.__table__.columns.keys()}  # noqa: SIM118
    session.expunge_all()
    loaded = session.scalars(select(Portal)).one()
    assert values == {name: getattr(loaded, name) for name in values}
    assert loaded.application_token == portal.application_token


def test_what_changes_an_object_is_written(session: Session) -> None:
    ((person,),) = NAMED.rows(session, padded("name", [the_person(session).name], 3))
    session.expunge_all()
    ((person,),) = NAMED.rows(session, padded("name", [person.name], 3))
    person.name = "Another"
    session.commit()
    assert the_person(session).name == "Another"


def test_an_object_that_the_session_has_is_returned_with_what_was_changed(session: Session) -> None:
    person = the_person(session)
    person.name = "Another"
    assert NAMED.first(session, padded("name", ["Another"], 3)) is person


def test_no_row_of_an_outer_join_is_none(session: Session) -> None:
    assert WITH_DRAFTS.rows(session, {}) == [(the_person(session), None)]


def test_a_change_tells_how_many_rows_it_has_changed(session: Session) -> None:
    name = the_person(session).name
    assert RENAMING.execute(session, {"before": name, "after": "Another"}) == 1
    assert RENAMING.execute(session, {"before": name, "after": "Another"}) == 0


def test_each_transaction_has_its_connection_which_ends_with_it(session: Session) -> None:
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    used = []
    event.listen(engine, "before_cursor_execute", lambda connection, *_facts: used.append(connection))
    for _ in range(2):
        RENAMING.execute(session, {"before": "a", "after": "b"})
        RENAMING.execute(session, {"before": "a", "after": "b"})
        session.rollback()
    first, second, third, fourth = used
    assert first is second
    assert third is fourth
    assert first is not third
    assert first.closed
    assert third.closed


def test_the_engine_hears_of_each_statement_and_cleans_its_values(session: Session) -> None:
    heard: list[Any] = []
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    event.listen(engine, "after_cursor_execute", lambda *facts: heard.append(facts))
    RENAMING.execute(session, {"before": the_person(session).name, "after": "a\x00b\ud800"})
    assert any("UPDATE people" in fact[2] for fact in heard)
    session.expire_all()
    assert not UNSTORABLE.search(the_person(session).name)


def test_an_error_is_one_of_sqlalchemy_and_tells_no_values(session: Session) -> None:
    wrong = Prepared(select(Person.id).where(Person.name == bindparam("name")))
    session.connection().exec_driver_sql("ALTER TABLE people RENAME COLUMN name TO renamed")
    with pytest.raises((OperationalError, ProgrammingError)) as told:
        wrong.rows(session, {"name": "confidential"})
    assert "confidential" not in str(told.value)
    session.rollback()


@any_database
def test_an_error_while_rows_are_read_is_one_too(session: Session) -> None:
    texts = select(literal("1").label("x")).union_all(select(literal("no JSON"))).subquery()
    with pytest.raises(OperationalError, match="malformed JSON"):
        Prepared(select(func.json(texts.c.x, type_=Text))).rows(session, {})


def test_a_database_that_is_gone_is_an_outage(session: Session) -> None:
    dbapi: Any = session.connection().connection.dbapi_connection
    dbapi.close()
    with pytest.raises(DBAPIError) as told:
        NAMED.rows(session, padded("name", [], 3))
    assert session.get_bind().dialect.name == "sqlite" or is_outage(told.value)
    session.rollback()
    assert the_person(session)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_only_one_statement_fails_where_all_connections_are_gone(installed: Logbook, postgresql: PostgreSql) -> None:
    with installed.database() as one, installed.database() as other:
        one.connection(), other.connection()
    postgresql.end_connections(installed.context.engine.url)
    with installed.database() as session, pytest.raises(DBAPIError):
        NAMED.rows(session, padded("name", [], 3))
    with installed.database() as session:
        assert NAMED.rows(session, padded("name", [], 3)) == []


def test_a_list_has_no_more_values_than_parameters() -> None:
    with pytest.raises(ValueError, match="4 values for 3 parameters"):
        padded("name", "abcd", 3)


def test_a_list_of_any_length_or_a_default_is_refused(session: Session) -> None:
    for statement in (
        Prepared(select(Person).where(Person.name.in_(bindparam("names", expanding=True)))),
        Prepared(insert_for(session.get_bind().dialect.name, LogEntry).values(title=bindparam("t"))),
    ):
        with pytest.raises(ValueError, match="need a fixed length"):
            statement.rows(session, {"names": [], "t": ""})


def test_constants_are_converted_as_their_column_demands(session: Session, installed: Logbook) -> None:
    person = the_person(session)
    entries.write(session, person, Entity(2, 1), Draft("info", "Called", "Agreed."), "key")
    waiting = Prepared(select(LogEntry.title).where(either(LogEntry.state, WAITING)))
    assert waiting.rows(session, {}) == [("Called",)]
