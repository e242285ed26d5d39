"""Traces for OpenTelemetry: what was done and for how long, without any texts or secrets."""

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from b24app.bitrix24.calls import Call
from b24app.bitrix24.client import Exchange
from b24app.spans import OnceAMinute, Spans, named
from devportal import Box
from tests.conftest import CLIENT_ID, CLIENT_SECRET, SECRET_KEY, TOKEN_KEY, any_database, environment
from tests.support.collector import collecting
from tests.support.served import Served
from tests.support.waiting import until

ADD = "crm.timeline.logmessage.add"
WORDS = {"icon": "comment", "title": "A title of somebody", "text": "A text of somebody"}


@pytest.fixture
def collector() -> Iterator[tuple[str, Queue[tuple[str, bytes]]]]:
    """The address of a server that stands for a collector, and what it is sent."""
    with collecting() as (host, received):
        yield f"http://{host}", received


@any_database
def test_requests_calls_statements_and_deliveries_are_traced_without_anybodys_words(
    collector: tuple[str, Queue[tuple[str, bytes]]], database_url: str, tmp_path: Path
) -> None:
    address, received = collector
    with Served(tmp_path / "log") as served, Box(served.url, CLIENT_ID, CLIENT_SECRET) as box:
        portal = box.portals[0]
        served.start({**environment(box, database_url), "OTEL_EXPORTER_OTLP_ENDPOINT": address})
        served.send(portal.install_frame(portal.administrator))
        portal.finish_install()
        form = served.send(portal.frame(portal.employee)).form
        portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
        page = served.post(form, **WORDS)
        served.get("/nowhere/of-somebody")
        served.start_worker()
        until(lambda: portal.timeline(2, 1))
    paths, sent = map(list, zip(*emptied(received), strict=True))
    assert set(paths) == {"/v1/traces"}
    spans = [span for body in sent for span in spans_of(body)]
    by_name = {span.name: span for span in spans}

    assert page.outcome == "queued"
    opening, post = by_name["POST /placement"], by_name["POST /entries"]
    assert attributes_of(post)["logbook.request_id"] == page.headers["X-Request-ID"]
    assert attributes_of(post)["http.response.status_code"] == "202"
    assert ADD in methods_below(post, spans)
    (batch,) = methods_below(opening, spans)
    assert batch.startswith("batch[")
    assert ADD in " ".join(below_deliveries(spans))
    assert {"INSERT log_entries", "SELECT portals"} <= by_name.keys()
    assert "GET" in by_name
    assert all(span.start_time_unix_nano <= span.end_time_unix_nano for span in spans)

    secrets = [SECRET_KEY, TOKEN_KEY, CLIENT_SECRET, *WORDS.values(), form["session"], form["form_key"]]
    secrets += [token for pair in box.authority.state.pairs for token in (pair.access_token, pair.refresh_token)]
    secrets += ["127.0.0.1", portal.host, portal.employee.name, "of-somebody", database_url]
    assert found_in(map(without_numbers, sent), secrets) == []


def below_deliveries(spans: list[Span]) -> list[str]:
    return [method for span in spans if span.name == "deliver" for method in methods_below(span, spans)]


def found_in(bodies: Iterable[bytes], words: list[str]) -> list[str]:
    everything = b"\n".join(bodies)
    return [word for word in words if word.encode() in everything]


def without_numbers(body: bytes) -> bytes:
    """The same body without ids and times, in whose random bytes a short name is found sooner or later."""
    told = ExportTraceServiceRequest.FromString(body)
    for span in spans_in(told):
        for number in ("trace_id", "span_id", "parent_span_id", "start_time_unix_nano", "end_time_unix_nano"):
            span.ClearField(number)
    rest: bytes = told.SerializeToString()
    return rest


def emptied(received: Queue[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    try:
        while True:
            yield received.get_nowait()
    except Empty:
        return


def spans_of(body: bytes) -> list[Span]:
    return spans_in(ExportTraceServiceRequest.FromString(body))


def spans_in(told: ExportTraceServiceRequest) -> list[Span]:
    return [span for one in told.resource_spans for scope in one.scope_spans for span in scope.spans]


def attributes_of(span: Span) -> dict[str, str]:
    return {fact.key: fact.value.string_value or str(fact.value.int_value) for fact in span.attributes}


def methods_below(parent: Span, spans: list[Span]) -> list[str]:
    children = [span for span in spans if span.parent_span_id == parent.span_id and span.trace_id == parent.trace_id]
    return [attributes_of(span)["logbook.methods"] for span in children if "logbook.methods" in attributes_of(span)]


@pytest.mark.parametrize(
    ("code", "is_told"),
    [("QUERY_LIMIT_EXCEEDED", True), ("ok", True), ("Meet me at nine", False), ("a b", False), ("X" * 65, False)],
)
def test_a_code_that_may_be_somebodys_text_is_left_out(code: str, is_told: bool) -> None:
    kept = InMemorySpanExporter()
    answer = b'{"error_description": "Meet me at nine"}'
    exchange = Exchange("https://a.bitrix24.com/rest/", Call(ADD, {"title": "Hello"}), code, 200, 40, answer)
    Spans(SimpleSpanProcessor(kept)).add_call(exchange)
    (span,) = kept.get_finished_spans()
    assert span.name == ADD
    assert span.end_time
    assert span.start_time
    assert span.end_time - span.start_time == 40_000_000
    told_of_it = {"logbook.methods": ADD, "logbook.outcome": "ok", "http.response.status_code": 200}
    assert dict(span.attributes or {}) == told_of_it | ({"logbook.code": code} if is_told else {})


def test_a_collector_that_is_away_is_one_line_a_minute() -> None:
    """For each process, whatever is logged for each batch that is lost."""
    told = OnceAMinute()
    lines = [logging.makeLogRecord({"created": float(second)}) for second in range(1000, 1121, 10)]
    assert [line.created for line in lines if told.filter(line)] == [1000, 1060, 1120]


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("SELECT a.b, c FROM portals WHERE a = ?", "SELECT portals"),
        ("INSERT INTO log_entries (title) VALUES (?)", "INSERT log_entries"),
        ("UPDATE log_entries SET state=? WHERE id = (SELECT 1 FROM people)", "UPDATE log_entries"),
        ("DELETE FROM drafts", "DELETE drafts"),
        ("SELECT 1", "SELECT"),
        ("PRAGMA x", "PRAGMA"),
        ("?", "SQL"),
    ],
)
def test_a_statement_is_named_by_what_it_does_to_which_table(statement: str, name: str) -> None:
    assert named(statement) == name
