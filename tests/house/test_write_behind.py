"""Rows that are written a moment later: within a second, without losing any while the process lives."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, Integer, create_engine, event, func, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from b24app.write_behind import MOST_ROWS, WriteBehind
from tests.support.served import PROJECT

PATIENCE_SECONDS = 30


class Base(DeclarativeBase):
    """The tables of this test."""


class Line(Base):
    __tablename__ = "lines"
    number: Mapped[int] = mapped_column(Integer, primary_key=True)


@pytest.fixture
def engine(tmp_path: Any) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'lines.db'}?timeout=0.05")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def behind(engine: Engine) -> Iterator[WriteBehind]:
    behind = WriteBehind(engine)
    yield behind
    behind.close()


def write(session: Session, rows: list[dict[str, Any]]) -> None:
    session.execute(insert(Line), rows)


def numbers(engine: Engine) -> list[int]:
    with Session(engine) as session:
        return list(session.scalars(select(Line.number).order_by(Line.number)))


def rows(*wanted: int) -> list[dict[str, int]]:
    return [{"number": number} for number in wanted]


def await_numbers(engine: Engine, wanted: list[int]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while numbers(engine) != wanted:
        assert time.monotonic() < deadline, numbers(engine)
        time.sleep(0.02)


def test_they_come_by_themselves(engine: Engine, behind: WriteBehind) -> None:
    behind.add(write, rows(1))
    await_numbers(engine, [1])
    behind.add(write, rows(2))
    await_numbers(engine, [1, 2])


def test_those_of_many_come_in_one_transaction(engine: Engine, behind: WriteBehind) -> None:
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    for number in range(50):
        behind.add(write, rows(number))
    behind.write()
    assert (len(numbers(engine)), len(commits)) == (50, 1)


@pytest.mark.parametrize("wrong", [{"number": 2}, {"number": None, "no_such_column": 1}])
def test_one_that_cannot_be_written_takes_no_other_with_it(
    engine: Engine, behind: WriteBehind, wrong: dict[str, Any]
) -> None:
    """Such as a row of a portal that is gone."""
    behind.add(write, [*rows(1, 2), wrong, *rows(3)])
    behind.write()
    assert [number for number in numbers(engine) if number < 4] == [1, 2, 3]


def test_one_that_refers_to_what_is_about_to_come_waits_for_it(engine: Engine, behind: WriteBehind) -> None:
    behind.add(write, rows(1))
    behind.write()
    behind.add(write, rows(1))
    behind.write()
    with Session(engine) as session:
        session.query(Line).delete()
        session.commit()
    await_numbers(engine, [1])


def test_they_wait_for_a_database_that_is_away(engine: Engine, behind: WriteBehind) -> None:
    with engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        behind.add(write, rows(1, 2))
        behind.write()
        other.rollback()
    behind.add(write, rows(3))
    await_numbers(engine, [1, 2, 3])


def test_of_very_many_the_latest_wait(engine: Engine, behind: WriteBehind, caplog: pytest.LogCaptureFixture) -> None:
    with engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        behind.add(write, rows(*range(MOST_ROWS + 5)))
        other.rollback()
    behind.write()
    with Session(engine) as session:
        assert session.execute(select(func.min(Line.number), func.count())).one() == (5, MOST_ROWS)
    assert [vars(record)["count"] for record in caplog.records] == [5]


def test_a_process_that_ends_leaves_none_behind_and_a_forked_one_writes_none_twice(engine: Engine) -> None:
    script = (
        "import os; from sqlalchemy import create_engine; from b24app import write_behind;"
        "from tests.house.test_write_behind import write, rows;"
        f"engine = create_engine({str(engine.url)!r}); write_behind.of(engine).add(write, rows(1));"
        "child = os.fork();"
        "child and os.waitpid(child, 0)"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    subprocess.run([sys.executable, "-c", script], cwd=PROJECT, env=environment, check=True)
    assert numbers(engine) == [1]
