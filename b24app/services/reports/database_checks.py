"""Checks the database as a whole: whether it answers, has this version's tables, and accepts rows."""

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from b24app import revisions
from b24app.outages import cause_of
from b24app.revisions import Tables
from b24app.services.reports import heartbeats

# The migrations of a newer version leave tables that this version can use.
USABLE = {Tables.CURRENT, Tables.NEWER}
NO_HOST = "write-probe"
# Some 200 KB.
LONG_ROW = 20_000
# SQLite's own, in KB.
USUAL_CACHE = -2000


def revision(session: Session) -> str | None:
    """The revision of the tables, None if there are none. Raises what the database raises."""
    if not inspect(session.connection()).has_table("alembic_version"):
        return None
    found = session.scalar(text("SELECT version_num FROM alembic_version ORDER BY version_num DESC LIMIT 1"))
    return None if found is None else str(found)


def tables(session: Session) -> Tables:
    """How the tables compare with those that this version needs. Raises what the database raises."""
    return revisions.compare(revision(session))


def write_problem(session: Session) -> str:
    """Why no row can be written; empty if one can. Needs tables of this version or newer."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    try:
        # SQLite keeps small writes in memory, which would not show a full disk.
        if is_sqlite:
            session.execute(text("PRAGMA cache_size = 1"))
        session.execute(heartbeats.report(session, NO_HOST * (LONG_ROW if is_sqlite else 1), 0, ""))
    except DBAPIError as failure:
        code, reason = cause_of(failure)
        return f"{code}: {reason}"
    finally:
        session.rollback()
        if is_sqlite:
            session.execute(text(f"PRAGMA cache_size = {USUAL_CACHE}"))
    return ""
