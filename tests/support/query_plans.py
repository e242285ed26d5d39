"""How a database means to answer: the plans of the statements that a piece of work sends it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

# SQLite's words for finding rows by an index (or one row by its number), and for sorting what was read.
SEEKS = re.compile(r"SEARCH \w+ USING (?:COVERING )?INDEX |SEARCH \w+ USING INTEGER PRIMARY KEY \(rowid=\?\)")
SORTS = "TEMP B-TREE"
INDEX_SCANS = {"Index Scan", "Index Only Scan"}
# A few pages may be sorted, a list may not.
FEW = 1000


@contextmanager
def heard(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are sent meanwhile, with their parameters."""
    statements: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def faults(session: Session, statement: str, parameters: Any, table: str) -> list[str]:
    """The steps of a statement's plan that do not seek rows of ``table`` by an index that has them in order."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return _faults_of_sqlite([(int(row[1]), str(row[3])) for row in plan], table)
    tree = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    return [str(node) for node in _nodes(tree[0]["Plan"]) if _is_fault(node, table)]


def _faults_of_sqlite(steps: list[tuple[int, str]], table: str) -> list[str]:
    """``steps`` with the number of what each belongs to: the few rows of a subquery may be sorted afterwards."""
    reading = [(parent, step) for parent, step in steps if f" {table} " in step]
    sorting = [step for parent, step in steps if SORTS in step and parent in dict(reading)]
    return sorting + [step for _parent, step in reading if not SEEKS.match(step)]


def _is_fault(node: dict[str, Any], table: str) -> bool:
    if node["Node Type"] == "Bitmap Heap Scan" and node["Plan Rows"] <= FEW:
        return "Filter" in node
    if node.get("Relation Name") == table:
        return node["Node Type"] not in INDEX_SCANS or "Filter" in node or "Index Cond" not in node
    return "Sort" in node["Node Type"] and node["Plan Rows"] > FEW


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", []):
        yield from _nodes(inner)
