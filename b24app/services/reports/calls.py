"""The log of calls, for administrators; services/access/rest_log writes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session

from b24app.models import Portal, RestCall
from b24app.services import paging
from b24app.services.access import rest_log
from b24app.services.paging import Found, Lead, Page, Statement

ANY_ERROR = "any"
MOST_CODES = 20
LOOKED_THROUGH = 500
# Written like the condition of the index of failed calls, so that the database uses it.
HAS_FAILED: ColumnElement[bool] = literal_column("rest_calls.code <> 'ok'")
BRIEF = (RestCall.id, RestCall.called_at, RestCall.person_id, RestCall.method, RestCall.code)
TOLD = (RestCall.status, RestCall.milliseconds, RestCall.request_id, RestCall.parameters, RestCall.answer)


@dataclass(frozen=True)
class Filter:
    """Which calls to list; empty matches all. ``people`` are the portal's numbers, ``code`` may be ANY_ERROR."""

    method: str = ""
    code: str = ""
    people: tuple[int, ...] = ()

    def is_wanted(self, row: Found) -> bool:
        return (
            (not self.method or row.method == self.method)
            and (self.code in {"", row.code} or (self.code == ANY_ERROR and row.code != "ok"))
            and (not self.people or row.person_id in self.people)
        )


def page(session: Session, portal: Portal, wanted: Filter, *, before: int | None = None) -> tuple[list[RestCall], Page]:
    """A page of calls, the latest first."""
    rest_log.complete(session)
    found = paging.cut(_walk(session, portal, wanted, before, is_brief=True), wanted.is_wanted)
    rows = session.scalars(select(RestCall).where(RestCall.id.in_(found.ids)).order_by(RestCall.id.desc()))
    return list(rows), found


def every(session: Session, portal: Portal, wanted: Filter) -> Iterator[Found]:
    """All matching calls with all columns, read in steps."""
    rest_log.complete(session)
    return filter(wanted.is_wanted, _walk(session, portal, wanted, None, is_brief=False))


def methods(session: Session, portal: Portal) -> list[str]:
    """The methods that were called, found by skipping through the index."""
    known: list[str] = []
    while True:
        further = select(func.min(RestCall.method)).where(RestCall.portal_id == portal.id)
        method = session.scalar(further.where(RestCall.method > known[-1]) if known else further)
        if method is None:
            session.commit()
            return known
        known.append(method)


def codes(session: Session, portal: Portal) -> list[str]:
    """The codes of the latest calls that failed."""
    failed = _walk(session, portal, Filter(code=ANY_ERROR), None, is_brief=True)
    return sorted({row.code for row in islice(failed, LOOKED_THROUGH)})[:MOST_CODES]


def _walk(session: Session, portal: Portal, wanted: Filter, before: int | None, *, is_brief: bool) -> Iterator[Found]:
    statement: Statement = select(*BRIEF, *(() if is_brief else TOLD))
    of_portal = Lead((RestCall.portal_id,), (portal.id,))
    leads = [of_portal]
    if wanted.code:
        statement = statement.where(HAS_FAILED)
    elif wanted.people:
        leads = [of_portal.also(RestCall.person_id, person_id) for person_id in wanted.people]
    elif wanted.method:
        leads = [of_portal.also(RestCall.method, wanted.method)]
    return paging.walk(session, statement, leads, RestCall.id, before)
