"""Traces for OpenTelemetry, if OTEL_EXPORTER_OTLP_ENDPOINT is set; otherwise it costs nothing.

The packages are imported only then; Logbook does not depend on them.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from flask import Flask
from sqlalchemy import Engine

from b24app.bitrix24.client import Exchange

if TYPE_CHECKING:
    from b24app.spans import Spans

_spans: "Spans | None" = None


def begin(address: str) -> None:
    """Send spans to the collector at this address (OTLP over HTTP) from now on."""
    global _spans
    from b24app.spans import Spans, sending_to

    _spans = _spans or Spans(sending_to(address))


def init_app(app: Flask) -> None:
    """A span for each request."""
    if _spans:
        app.before_request(_spans.begin_request)
        app.after_request(_spans.end_request)


def watch(engine: Engine) -> None:
    """A span for each statement that belongs to a request or to a piece of the worker's work."""
    if _spans:
        _spans.watch(engine)


def noting(note: Callable[[Exchange], None]) -> Callable[[Exchange], None]:
    """A span for each exchange with a portal or an authorization server, before it is noted."""
    spans = _spans
    if spans is None:
        return note

    def span_and_note(exchange: Exchange) -> None:
        spans.add_call(exchange)
        note(exchange)

    return span_and_note


def piece_of_work(name: str) -> AbstractContextManager[None]:
    """A span around a piece of the worker's work."""
    return _spans.piece_of_work(name) if _spans else nullcontext()
