"""The spans of this process, for OpenTelemetry.

They contain only names from our own code (URL rules, methods of the REST API, tables) and numbers: no addresses of
people, no parameters and no texts. The request id leads to the lines of the log.
"""

import logging
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import Response, g, request
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, set_span_in_context
from sqlalchemy import Connection, Engine, event

from b24app.bitrix24.client import Exchange
from b24app.current_request import request_id
from b24app.outages import SAID_AGAIN_SECONDS
from b24app.version import VERSION

ID = "logbook.request_id"
# How long sending a batch is tried: a process that ends waits for its last batch.
BATCH_SECONDS = 3
VERBS = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"}
# The form of portals' codes; anything else may be somebody's text.
CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}|ok")
STATEMENT = re.compile(r"\s*([A-Z]+)\b(?:.*?\b(?:FROM|INTO|UPDATE)\s+\"?([a-z_]+))?", re.DOTALL)
UPDATE = re.compile(r"\s*(UPDATE) \"?([a-z_]+)")

exporter_log = logging.getLogger(OTLPSpanExporter.__module__)

# The parent of spans that are made meanwhile in the same context.
_current: ContextVar[Context | None] = ContextVar("span", default=None)


def sending_to(address: str) -> SpanProcessor:
    """A processor that sends spans in batches from its own thread, so that no request waits for it."""
    # While the collector is away, each failure would be a log line.
    exporter_log.setLevel(logging.ERROR)
    exporter_log.addFilter(OnceAMinute())
    return BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{address}/v1/traces", timeout=BATCH_SECONDS))


class OnceAMinute(logging.Filter):
    """A log filter that lets one line through per minute."""

    def __init__(self) -> None:
        super().__init__()
        self._again_at = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        is_due = record.created >= self._again_at
        if is_due:
            self._again_at = record.created + SAID_AGAIN_SECONDS
        return is_due


class Spans:
    """Makes spans and passes them to a processor."""

    def __init__(self, processor: SpanProcessor) -> None:
        facts = {"service.name": "logbook", "service.version": VERSION, "host.name": socket.gethostname()}
        provider = TracerProvider(resource=Resource.create(facts))
        provider.add_span_processor(processor)
        self._tracer = provider.get_tracer("logbook", VERSION)

    def begin_request(self) -> None:
        g.span = self._tracer.start_span("request", context=Context(), kind=SpanKind.SERVER)
        _current.set(set_span_in_context(g.span, Context()))

    def end_request(self, answer: Response) -> Response:
        span: Span | None = g.pop("span", None)
        if span:
            verb = request.method if request.method in VERBS else "_OTHER"
            rule = request.url_rule.rule if request.url_rule else ""
            span.update_name(f"{verb} {rule}".rstrip())
            span.set_attributes({"http.request.method": verb, "http.route": rule, ID: request_id.get()})
            span.set_attribute("http.response.status_code", answer.status_code)
            if answer.status_code >= 500:
                span.set_status(StatusCode.ERROR)
            span.end()
        return answer

    @contextmanager
    def piece_of_work(self, name: str) -> Iterator[None]:
        """A context whose span is the parent of this thread's calls and statements."""
        span = self._tracer.start_span(name, context=Context())
        token = _current.set(set_span_in_context(span, Context()))
        try:
            yield
        except Exception:
            span.set_status(StatusCode.ERROR)
            raise
        finally:
            _current.reset(token)
            span.set_attribute(ID, request_id.get())
            span.end()

    def add_call(self, exchange: Exchange) -> None:
        """Add a span for an exchange that has just ended."""
        facts: dict[str, Any] = {"logbook.methods": exchange.methods, "logbook.outcome": exchange.outcome}
        if CODE.fullmatch(exchange.code):
            facts["logbook.code"] = exchange.code
        if exchange.status:
            facts["http.response.status_code"] = exchange.status
        ended = time.time_ns()
        span = self._start(exchange.call.method, SpanKind.CLIENT, ended - exchange.milliseconds * 1_000_000)
        span.set_attributes(facts)
        if exchange.outcome != "ok":
            span.set_status(StatusCode.ERROR)
        span.end(ended)

    def watch(self, engine: Engine) -> None:
        """Add a span for each statement of this engine that belongs to a request or a piece of work."""
        event.listen(engine, "before_cursor_execute", self._begin_statement)
        event.listen(engine, "after_cursor_execute", self._end_statement)

    def _begin_statement(self, connection: Connection, *_facts: object) -> None:
        connection.info["begun"] = time.time_ns()

    def _end_statement(self, connection: Connection, _cursor: object, statement: str, *_facts: object) -> None:
        if _current.get() is None:
            return
        span = self._start(named(statement), SpanKind.CLIENT, connection.info["begun"])
        span.set_attribute("db.system.name", connection.dialect.name)
        span.end()

    def _start(self, name: str, kind: SpanKind, begun: int) -> Span:
        return self._tracer.start_span(name, context=_current.get() or Context(), kind=kind, start_time=begun)


def named(statement: str) -> str:
    """The name of a statement's span, such as ``SELECT log_entries``, without any values."""
    found = UPDATE.match(statement) or STATEMENT.match(statement)
    return " ".join(filter(None, found.groups())) if found else "SQL"
