"""Every list of the settings pages by key: the tenth page of very many rows costs what the first does."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from b24app.bitrix24.entities import Entity
from b24app.models import Base, Person, Portal
from b24app.services.paging import LOOKED_AT, SHOWN, cut
from b24app.services.reports import calls, changes, deliveries
from b24app.services.reports.deliveries import Filter, Standing
from b24app.services.settings import icons
from devportal import Box
from tests.support.attacker import install
from tests.support.logbook import Logbook
from tests.support.query_plans import faults, heard

# Of each of two portals half of them.
VERY_MANY = 2 * LOOKED_AT + 2_000
SERIES = {
    "sqlite": "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {rows})",
    "postgresql": "WITH series(n) AS (SELECT generate_series(1, {rows}))",
}
AGO = {
    "sqlite": "datetime('now', '-' || ({rows} - n) || ' minutes')",
    "postgresql": "now() AT TIME ZONE 'UTC' - ({rows} - n) * interval '1 minute'",
}
# People, states, cards, methods and codes take turns.
WHO = "CASE n % 2 WHEN 0 THEN {portal} ELSE {other} END, CASE n % 2 WHEN 0 THEN {person} ELSE {stranger} END"
STATE = (
    "CASE n / 2 % 5 WHEN 0 THEN 'pending' WHEN 1 THEN 'unsure' WHEN 2 THEN 'failed' WHEN 3 THEN 'sending' ELSE 'sent'"
)
INSERTS = {
    "log_entries": """
        INSERT INTO log_entries (portal_id, person_id, form_key, entity_type_id, entity_id, icon_code, title, text,
            state, attempts, lookups, written_at, due_at, deleted_at)
        {series} SELECT {who}, 'form ' || n, 2, n / 2 % 3, 'comment', 'Title ' || n, 'Text ' || n,
            {state} END, 1, 0, {ago}, {ago}, CASE WHEN n % 40 = 8 THEN {ago} ELSE NULL END FROM series""",
    "rest_calls": """
        INSERT INTO rest_calls (portal_id, person_id, called_at, request_id, method, code, status, milliseconds,
            parameters, answer)
        {series} SELECT {who}, {ago}, 'r', CASE n / 2 % 2 WHEN 0 THEN 'batch' ELSE 'profile' END,
            CASE n / 2 % 7 WHEN 0 THEN 'ACCESS_DENIED' ELSE 'ok' END, 200, 1, '', '' FROM series""",
    "changes": """
        INSERT INTO changes (portal_id, person_id, changed_at, section, before, after)
        {series} SELECT {who}, {ago}, 'writers', '{{}}', '{{}}' FROM series""",
}

Turn = Callable[[Session, Portal, int | None], int | None]


def entries_of(**parts: object) -> Turn:
    wanted = Filter(**{"standing": Standing.ALL, **parts})  # type: ignore[arg-type]
    return lambda session, portal, before: deliveries.page(session, portal, wanted, before=before)[1].next_key


def calls_of(**parts: object) -> Turn:
    wanted = calls.Filter(**parts)  # type: ignore[arg-type]
    return lambda session, portal, before: calls.page(session, portal, wanted, before=before)[1].next_key


def somebody(turn: Callable[..., Turn]) -> Turn:
    """A filter by the administrator, whoever that is in our tables."""
    return lambda session, portal, before: turn(
        people=(session.scalars(select(Person.id).where(Person.portal_id == portal.id)).one(),)
    )(session, portal, before)


NOW = datetime.now(UTC)
LISTS: dict[str, tuple[str, Turn]] = {
    "all entries": ("log_entries", entries_of()),
    **{f"{standing} entries": ("log_entries", entries_of(standing=standing)) for standing in Standing},
    "entries of a person": ("log_entries", somebody(entries_of)),
    "entries of a card": ("log_entries", entries_of(entity=Entity(2, 1))),
    "entries since a day": ("log_entries", entries_of(since=NOW - timedelta(days=20))),
    "entries until a day": ("log_entries", entries_of(until=NOW - timedelta(days=10))),
    "entries with words": ("log_entries", entries_of(words="TITLE 1")),
    "all calls": ("rest_calls", calls_of()),
    "calls of a method": ("rest_calls", calls_of(method="profile")),
    "calls that failed": ("rest_calls", calls_of(code="any")),
    "calls with a code": ("rest_calls", calls_of(code="ACCESS_DENIED")),
    "calls of a person": ("rest_calls", somebody(calls_of)),
    "changes": ("changes", lambda session, portal, before: changes.latest(session, portal, before=before)[1]),
}


def fill(logbook: Logbook, box: Box, rows: int) -> Portal:
    """So many rows of two portals together, with the statistics that PostgreSQL gathers by itself."""
    install(logbook, box.add_portal())
    with logbook.database() as session:
        ours, others = session.scalars(select(Portal).order_by(Portal.id))
        person, stranger = session.scalars(select(Person.id).order_by(Person.id))
        dialect = session.connection().dialect.name
        who = WHO.format(portal=ours.id, other=others.id, person=person, stranger=stranger)
        for insert in INSERTS.values():
            series, ago = SERIES[dialect].format(rows=rows), AGO[dialect].format(rows=rows)
            session.execute(text(insert.format(series=series, ago=ago, who=who, state=STATE)))
        session.commit()
        if dialect == "postgresql":
            session.execute(text("ANALYZE"))
            session.commit()
        return ours


def faults_of_pages(session: Session, engine: Engine, ours: Portal, name: str) -> dict[str, list[str]]:
    """What is wrong with the first and the tenth page of a list."""
    found: dict[str, list[str]] = {}
    table, turn = LISTS[name]
    key = None
    for number in range(1, 11):
        with heard(engine) as statements:
            key = turn(session, ours, key)
        assert key, f"there are not ten pages of {name}"
        if number in {1, 10}:
            asked = [one for one in statements if f" {table}" in one[0]]
            assert asked
            found[f"{name}, page {number}"] = [fault for one in asked for fault in faults(session, *one, table)]
    return found


def test_an_index_leads_to_the_first_and_to_the_tenth_page_of_every_list(installed: Logbook, box: Box) -> None:
    ours, engine = fill(installed, box, VERY_MANY), installed.context.sessions.kw["bind"]
    found: dict[str, list[str]] = {}
    with installed.database() as session:
        for name in LISTS:
            found |= faults_of_pages(session, engine, ours, name)
        with heard(engine) as statements:
            deliveries.counts(session, ours)
        found["counts"] = [fault for one in statements for fault in faults(session, *one, "log_entries")]
        writer = session.scalars(select(Person).where(Person.portal_id == ours.id)).one()
        with heard(engine) as statements:
            assert icons.recent(session, writer) == ["comment"]
        found["recent icons"] = [fault for one in statements for fault in faults(session, *one, "log_entries")]
        # Without an index, only this many rows are searched.
        rare = deliveries.page(session, ours, Filter(standing=Standing.ALL, words="nobody wrote this"))
        assert (rare[0], rare[1].is_cut) == ([], True)
    assert {name: bad for name, bad in found.items() if bad} == {}


def test_a_page_that_was_cut_goes_on_where_it_ended() -> None:
    class Row:
        def __init__(self, number: int) -> None:
            self.id = number

    rows = [Row(number) for number in range(3 * LOOKED_AT, 0, -1)]
    page = cut(rows, lambda row: row.id <= LOOKED_AT)  # type: ignore[arg-type]
    assert (page.rows, page.is_cut, page.next_key) == ([], True, 2 * LOOKED_AT + 1)
    rest = [row for row in rows if row.id < 2 * LOOKED_AT + 1]
    assert cut(rest, lambda row: row.id <= LOOKED_AT).next_key == LOOKED_AT + 1  # type: ignore[arg-type]
    last = cut(rows[-SHOWN:], lambda _row: True)  # type: ignore[arg-type]
    assert (len(last.rows), last.next_key) == (SHOWN, None)


def test_nothing_is_shown_twice_and_nothing_is_left_out(installed: Logbook, box: Box) -> None:
    ours = fill(installed, box, 3_000)
    with installed.database() as session:
        for standing in (Standing.OPEN, Standing.FAILED):
            seen, key = [], None
            for _ in range(12):
                rows, page = deliveries.page(session, ours, Filter(standing=standing), before=key)
                seen += [row.id for row in rows]
                key = page.next_key
            table = Base.metadata.tables["log_entries"].c
            states = [state.value for state in deliveries.STATES[standing]]
            wanted = select(table.id).where(
                table.portal_id == ours.id, table.state.in_(states), table.deleted_at.is_(None)
            )
            assert seen == list(session.scalars(wanted.order_by(table.id.desc()).limit(12 * SHOWN)))
