"""What an opening costs beside 10,000 portals, 50,000 people and a million entries, compared with an empty database.

The person who opens has written as many as anybody does in years.
"""

import statistics
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import BigInteger, ColumnElement, String, Table, insert, literal, select, text
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from b24app.config import Config
from b24app.crypto import Vault
from b24app.db import connect
from b24app.models import EntryState, LogEntry, Person, Portal
from tests.bench import installation, servers, speed
from tests.bench.servers import Stand
from tests.bench.speed import Row
from tests.support.served import Served

PORTALS, PEOPLE, ENTRIES, OWN = 10_000, 50_000, 1_000_000, 10_000
# Beyond what is installed before.
FIRST = 1000
ROUNDS, SECONDS = 5, 2


def main() -> int:
    """Prints the table; 1 when a mark is missed by more than the noise."""
    rows = [speed.shown(compared(database)) for database in (installation.sqlite, installation.postgresql)]
    return int(any(row.is_missed for row in rows))


def compared(database: Callable[[], AbstractContextManager[str]]) -> Row:
    with (
        database() as small,
        database() as large,
        servers.standing() as ground,
        servers.logbook(_beside(ground, "small"), small) as few,
        servers.logbook(_beside(ground, "large"), large) as many,
    ):
        fill(many)
        ratios = []
        for _ in range(ROUNDS):
            alone, beside = (_opening(ground, served) for served in (few, many))
            ratios.append(beside / alone)
    name = database.__name__.replace("sqlite", "SQLite").replace("postgresql", "PostgreSQL")
    return Row(f"CPU of an opening beside a million entries, {name}", statistics.median(ratios), 1.1, "×")


def _opening(ground: Stand, served: Served) -> float:
    return servers.load(served, speed.path_of(ground), SECONDS, [speed.frame_of(ground)]).cpu_milliseconds


def _beside(ground: Stand, name: str) -> Stand:
    folder = ground.folder / name
    folder.mkdir()
    return Stand(ground.portal_url, folder)


def fill(served: Served) -> None:
    """By the database itself, which takes a tenth of the time."""
    config = Config.from_environment(served.environment)
    engine = connect(config.database_url, Vault(config.token_keys))
    now = datetime.now(UTC)
    with Session(engine) as session:
        number = _numbers(PORTALS)
        portal = {
            "id": number + FIRST,
            "member_id": literal("portal-") + number.cast(String),
            "client_endpoint": literal("https://p") + number.cast(String) + "/rest/",
        }
        _insert(session, Portal, {**portal, "authority": "https://oauth.example", "app_code": "a", "installed_at": now})
        number = _numbers(PEOPLE)
        person = {"id": number + FIRST, "portal_id": number % PORTALS + FIRST, "bitrix_id": number}
        _insert(session, Person, {**person, "name": number.cast(String), "time_zone": ""})
        number = _numbers(ENTRIES)
        author = number * 7919 % PEOPLE
        _insert_entries(session, number, author % PORTALS + FIRST, author + FIRST, now)
        number = _numbers(OWN) + ENTRIES
        opener = session.scalars(select(Person).order_by(Person.id)).first()
        assert opener
        _insert_entries(session, number, literal(opener.portal_id), literal(opener.id), now)
        # Otherwise it depends on the moment when PostgreSQL does this by itself.
        session.execute(text("ANALYZE"))
        session.commit()
    engine.dispose()


def _insert_entries(
    session: Session,
    number: ColumnElement[int],
    portal_id: ColumnElement[int],
    person_id: ColumnElement[int],
    now: datetime,
) -> None:
    entry = {
        "id": number + FIRST,
        "portal_id": portal_id,
        "person_id": person_id,
        "bitrix_id": number,
        "form_key": number.cast(String),
        "entity_id": number * 104_729 % 100,
        "title": literal("Entry ") + number.cast(String),
    }
    sent = {"state": EntryState.SENT, "written_at": now, "due_at": now, "sent_at": now}
    _insert(session, LogEntry, {**entry, **sent, "icon_code": "info", "text": "text " * 10, "entity_type_id": 2})


def _numbers(count: int) -> ColumnElement[int]:
    """0, 1 and so on, as a column."""
    numbers = select(literal(0, BigInteger).label("number")).cte(recursive=True)
    return numbers.union_all(select(numbers.c.number + 1).where(numbers.c.number < count - 1)).c.number


def _insert(session: Session, mapped: type[DeclarativeBase], values: Mapping[str, Any]) -> None:
    """One row for each number; what is not named has its default."""
    table = cast(Table, mapped.__table__)
    defaults = {
        column.name: column.default.arg
        for column in table.columns
        if isinstance(column.default, ScalarElementColumnDefault)
    }
    given = {
        name: value if isinstance(value, ColumnElement) else literal(value, table.c[name].type)
        for name, value in {**defaults, **values}.items()
    }
    session.execute(insert(table).from_select(list(given), select(*given.values()), include_defaults=False))


if __name__ == "__main__":
    sys.exit(main())
