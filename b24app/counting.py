"""Counts what this process does, for Prometheus, if METRICS_FOLDER is set; otherwise it costs nothing.

Each process writes to files of its own in that folder, and the worker of the machine sums them up. prometheus_client
looks for the folder's name while it is imported, so it is imported last.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Flask, Response, request

from b24app.bitrix24.client import Exchange
from b24app.config import ConfigInvalid

if TYPE_CHECKING:
    from b24app.counters import Counters

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
OPENING, POST = {"/placement", "/native"}, {"/entries", "/native/entries"}
OPENINGS: Final = {200: "shown", 503: "unavailable", 500: "failed"}
POSTS: Final = {200: "posted", 202: "queued", 401: "expired", 403: "refused", 422: "invalid"}

_counters: "Counters | None" = None


def begin(folder: str) -> None:
    """Count from now on; raises ConfigInvalid if the folder is missing and cannot be made."""
    global _counters
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        os.environ[FOLDER] = folder
        from b24app.counters import Counters

        _counters = _counters or Counters()
    except OSError as failure:
        raise ConfigInvalid([f"METRICS_FOLDER: {folder} cannot be used: {failure.strerror}"]) from None


def init_app(app: Flask) -> None:
    """Count openings and posts by their outcomes."""
    if _counters:
        app.after_request(_count_answer)


def noting(note: Callable[[Exchange], None]) -> Callable[[Exchange], None]:
    """Count each exchange with a portal or an authorization server before it is noted."""
    counters = _counters
    if counters is None:
        return note

    def count_and_note(exchange: Exchange) -> None:
        counters.count_call(exchange.call.method, exchange.outcome, exchange.milliseconds / 1000)
        note(exchange)

    return count_and_note


def _count_answer(answer: Response) -> Response:
    if _counters and request.method == "POST" and request.url_rule:
        if request.url_rule.rule in OPENING:
            _counters.openings[OPENINGS.get(answer.status_code, "refused")].inc()
        elif request.url_rule.rule in POST:
            _counters.posts[POSTS.get(answer.status_code, "failed")].inc()
    return answer
