"""Counts requests and calls of this process for Prometheus, if METRICS_FOLDER is set.

Each process writes its own files in that folder, and the worker of the machine adds them up. Only web servers and
workers count: the doctor, which may run every few minutes, would leave files behind and count its own calls.
prometheus_client reads the folder's name when it is imported, so it is imported last.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Flask, Response, request

from b24app.bitrix24.client import Exchange
from b24app.codes import Opening, OutcomeKind
from b24app.config import ConfigInvalid

if TYPE_CHECKING:
    from b24app.process_counters import Counters

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
OPENING, POST = {"/placement", "/native"}, {"/entries", "/native/entries"}
OPENINGS: Final = {200: Opening.SHOWN, 503: Opening.UNAVAILABLE, 500: Opening.FAILED}
POSTS: Final = {
    200: OutcomeKind.POSTED,
    202: OutcomeKind.QUEUED,
    401: OutcomeKind.EXPIRED,
    403: OutcomeKind.REFUSED,
    422: OutcomeKind.INVALID,
}

_folder = ""
_counters: "Counters | None" = None
_beginning = threading.Lock()


def prepare(folder: str) -> None:
    """Create the folder if it is missing; raises ConfigInvalid if it cannot be created or written to."""
    global _folder
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise ConfigInvalid([f"METRICS_FOLDER: {folder} cannot be used: {failure.strerror}"]) from None
    if not os.access(folder, os.W_OK):
        raise ConfigInvalid([f"METRICS_FOLDER: the user who runs Logbook may not write to {folder}"])
    _folder = os.environ[FOLDER] = folder


def begin() -> None:
    """Start counting in this process, if a folder was prepared."""
    global _counters
    if _counters is None and _folder:
        from b24app.process_counters import Counters

        with _beginning:
            _counters = _counters or Counters()


def init_app(app: Flask) -> None:
    """Count openings and posts by outcome, from the first request on."""
    if _folder:
        app.before_request(begin)
        app.after_request(_count_answer)


def noting(note: Callable[[Exchange], None]) -> Callable[[Exchange], None]:
    """Wrap ``note`` so that each exchange with a portal or an authorization server is counted."""
    if not _folder:
        return note

    def count_and_note(exchange: Exchange) -> None:
        if _counters:
            _counters.count_call(exchange.call.method, exchange.outcome, exchange.milliseconds / 1000)
        note(exchange)

    return count_and_note


def _count_answer(answer: Response) -> Response:
    if _counters and request.method == "POST" and request.url_rule:
        if request.url_rule.rule in OPENING:
            _counters.openings[OPENINGS.get(answer.status_code, Opening.REFUSED)].inc()
        elif request.url_rule.rule in POST:
            _counters.posts[POSTS.get(answer.status_code, OutcomeKind.FAILED)].inc()
    return answer
