"""Turns every exception into an answer: the one place where errors meet HTTP."""

import logging
from typing import cast

from flask import Flask, Response, current_app, g, request
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException

from b24app.codes import RefusalKind
from b24app.errors import LogbookError
from b24app.i18n import gettext as _
from b24app.outages import DATABASE, Outages, is_read_only
from b24app.web import frame, refusals
from b24app.web.api import problems
from b24app.web.native import drawing
from b24app.web.refusals import Refusal

log = logging.getLogger(__name__)

MOST_DROPPED = 64 * 1024 * 1024
PIECE = 64 * 1024

OUTAGES = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
UNDEFINED_TABLE = "42P01"
OUTAGES_TOLD = "logbook-outages"


def init_app(app: Flask) -> None:
    app.extensions[OUTAGES_TOLD] = Outages()
    app.register_error_handler(LogbookError, answer)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(exc.SQLAlchemyError, _answer_database)
    app.register_error_handler(Exception, _answer_unexpected)
    app.after_request(_note_recovery)


def answer(failure: LogbookError) -> Response:
    """The page for a failure, visible to anybody."""
    log.warning("refused", extra={"code": str(failure)})
    return _show(refusals.of(failure))


def _answer_http(failure: HTTPException) -> Response:
    status = failure.code or 500
    if status == 413:
        drop_the_rest()
    sentences = {
        404: (RefusalKind.MISSING, _("There is no such page"), _("This address leads nowhere in Logbook.")),
        405: (
            RefusalKind.OUTSIDE,
            _("This address is not for browsing"),
            _("It only takes what Bitrix24 or Logbook’s own pages send."),
        ),
        413: (
            RefusalKind.TOO_LARGE,
            _("That is too much at once"),
            _("What was sent is far longer than an entry may be."),
        ),
    }
    unreadable = (
        RefusalKind.MALFORMED,
        _("This cannot be read"),
        _("The request is not one that Logbook understands."),
    )
    kind, heading, sentence = sentences.get(status, unreadable)
    advices = {413: _("Go back, shorten the text and post again; the browser still has what you typed.")}
    advice = advices.get(status, _("Open Logbook from a card in Bitrix24."))
    answer = _show(Refusal(kind, status, heading, sentence, advice))
    if allowed := getattr(failure, "valid_methods", None):
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def drop_the_rest() -> None:
    """Read the rest of the body: most browsers ignore an answer while they send, and show a broken connection."""
    is_chunked = request.content_length is None and bool(request.environ.get("wsgi.input_terminated"))
    left = MOST_DROPPED if is_chunked else min(request.content_length or 0, MOST_DROPPED)
    if left <= (request.max_content_length or 0):
        return  # not refused because of its length, and partly read already
    while left > 0 and (piece := request.environ["wsgi.input"].read(min(left, PIECE))):
        left -= len(piece)


def _answer_database(failure: exc.SQLAlchemyError) -> Response:
    failure = _first(failure)
    if not _is_outage(failure):
        return _answer_unexpected(failure)
    # One line a minute: during an outage, every request fails.
    _outages().note(DATABASE, failure)
    return _show(
        Refusal(
            RefusalKind.UNREACHABLE,
            503,
            _("Logbook cannot reach its own records"),
            _("What was saved before is safe; trying again posts nothing twice."),
            _("Wait a minute, then try again; go back if you have typed something, the browser still has it."),
        )
    )


def _first(failure: exc.SQLAlchemyError) -> exc.SQLAlchemyError:
    """The failure that ended the transaction: a commit on the way out only says that there is none any more."""
    before = failure.__context__
    is_later = isinstance(failure, exc.PendingRollbackError)
    return before if is_later and isinstance(before, exc.SQLAlchemyError) else failure


def _outages() -> Outages:
    return cast(Outages, current_app.extensions[OUTAGES_TOLD])


def _note_recovery(answer: Response) -> Response:
    if "database" in g and answer.status_code < 500:
        _outages().end(DATABASE)
    return answer


def _is_outage(failure: exc.SQLAlchemyError) -> bool:
    """Whether the database is unavailable; any other of its errors is a bug of ours.

    Unavailable includes missing tables and a broken file, which SQLite reports as a plain DatabaseError.
    """
    is_empty = isinstance(failure, exc.ProgrammingError) and getattr(failure.orig, "sqlstate", "") == UNDEFINED_TABLE
    is_copy = isinstance(failure, exc.DBAPIError) and is_read_only(failure)
    return isinstance(failure, OUTAGES) or is_empty or is_copy or type(failure) is exc.DatabaseError


def _answer_unexpected(failure: Exception) -> Response:
    log.error("unexpected", exc_info=failure)
    return _show(
        Refusal(
            RefusalKind.UNEXPECTED,
            500,
            _("Something went wrong in Logbook"),
            _("It was our fault, and it has been noted."),
            _("Try again; if it happens again, give the number below to the people who run Logbook."),
        )
    )


def _show(refusal: Refusal) -> Response:
    if problems.is_for_machine():
        return problems.of_status(refusal.status)
    if drawing.is_native():
        return drawing.refuse(refusal)
    return frame.page_for_anyone("refusal.html", refusal.status, refusal=refusal)
