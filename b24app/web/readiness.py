"""The URLs for monitors and process managers; strangers see no details there."""

from flask import Blueprint, Response, jsonify
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from b24app.context import context, database
from b24app.models import Portal
from b24app.revisions import Tables
from b24app.services.reports import database_checks

blueprint = Blueprint("readiness", __name__)

OK = "ok"
DATABASE = {
    Tables.CURRENT: OK,
    Tables.NEWER: OK,
    Tables.MISSING: "has no tables",
    Tables.OLDER: "has the tables of an older version",
    Tables.UNKNOWN: "has the tables of another program",
}


@blueprint.get("/healthz")
def alive() -> tuple[Response, int]:
    """Answer whether the database works; a query without a table would not even open the file."""
    try:
        database().execute(select(Portal.id).limit(1))
    except SQLAlchemyError:
        return jsonify(status="the database does not answer"), 503
    return jsonify(status=OK), 200


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """Answer whether this process can do its work, part by part."""
    with context().sessions() as session:
        parts = {
            "database": _database(session),
            "queue": _queue(),
            "authorization_server": OK if context().b24.reachability.is_lately() else "was not reached lately",
        }
    is_ready = set(parts.values()) == {OK}
    return jsonify(status=OK if is_ready else "not ready", **parts), 200 if is_ready else 503


def _database(session: Session) -> str:
    try:
        found = database_checks.tables(session)
        if found in database_checks.USABLE and database_checks.write_problem(session):
            return "takes no rows"
    except DBAPIError:
        return "does not answer"
    return DATABASE[found]


def _queue() -> str:
    queue = context().queue
    problem = queue.problem()
    queue.close()
    return "cannot be used" if problem else OK
