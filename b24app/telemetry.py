"""Sends traces to OpenTelemetry, if OTEL_EXPORTER_OTLP_ENDPOINT is set.

The packages are imported only if it is set; Logbook does not depend on them.
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
    """Start sending spans to the collector at this address (OTLP over HTTP)."""
    global _spans
    from b24app.spans import Spans, sending_to

    _spans = _spans or Spans(sending_to(address))


def init_app(app: Flask) -> None:
    """Add a span for each request."""
    if _spans:
        app.before_request(_spans.begin_request)
        app.after_request(_spans.end_request)


def watch(engine: Engine) -> None:
    """Add a span for each statement that belongs to a request or a piece of the worker's work."""
    if _spans:
        _spans.watch(engine)


def noting(note: Callable[[Exchange], None]) -> Callable[[Exchange], None]:
    """Wrap ``note`` so that each exchange with a portal or an authorization server gets a span."""
    spans = _spans
    if spans is None:
        return note

    def span_and_note(exchange: Exchange) -> None:
        spans.add_call(exchange)
        note(exchange)

    return span_and_note


def piece_of_work(name: str) -> AbstractContextManager[None]:
    """A context with a span for a piece of the worker's work."""
    return _spans.piece_of_work(name) if _spans else nullcontext()
