"""Downloads, streamed so that even long ones need little memory."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from flask import Response
from sqlalchemy.orm import Session

from b24app.context import context
from b24app.models import Portal
from b24app.services.reports.csv_tables import Line, csv_lines

PIECE = 32 * 1024

Read = Callable[[Session], Iterator[Line]]


def csv_file(portal: Portal, name: str, columns: Sequence[str], read: Read) -> Response:
    """A CSV table for spreadsheets: RFC 4180, UTF-8 with a BOM, the first line names the columns."""
    return _file(portal, f"{name}.csv", "text/csv", read, lambda lines: csv_lines(columns, lines))


def json_lines(portal: Portal, name: str, read: Read) -> Response:
    """A file with one JSON map per line."""
    return _file(portal, f"{name}.jsonl", "application/x-ndjson", read, _lines)


def _file(
    portal: Portal, name: str, kind: str, read: Read, written: Callable[[Iterator[Line]], Iterator[str]]
) -> Response:
    sessions = context().sessions

    def stream() -> Iterator[bytes]:
        # The request's own session is closed before the second piece is asked for.
        with sessions() as session:
            yield from _pieces(written(read(session)))

    speaking = f"logbook-{_host(portal)}-{datetime.now(UTC):%Y-%m-%d}-{name}"
    answer = Response(_begun(stream()), mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{speaking}"'
    return answer


def _lines(lines: Iterator[Line]) -> Iterator[str]:
    for line in lines:
        yield json.dumps(line, ensure_ascii=False, default=lambda moment: moment.isoformat()) + "\n"


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, with the first one made already, so that an early failure shows an error page."""
    first = next(pieces)

    def whole() -> Iterator[bytes]:
        yield first
        yield from pieces

    return whole()


def _pieces(texts: Iterable[str]) -> Iterator[bytes]:
    """The texts joined into pieces of a reasonable size."""
    held, length = [], 0
    for text in texts:
        held.append(text)
        length += len(text)
        if length >= PIECE:
            yield "".join(held).encode(errors="replace")
            held, length = [], 0
    yield "".join(held).encode(errors="replace")


def _host(portal: Portal) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", portal.host.lower())
