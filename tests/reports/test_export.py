"""Exports: streamed, complete, without secrets, and harmless for spreadsheets."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from b24app.models import LogEntry
from b24app.services.reports.csv_tables import defused
from devportal import Box, Portal
from tests.conftest import CLIENT_SECRET, any_database, environment
from tests.reports.test_paging import SERIES
from tests.support.administrator import Admin
from tests.support.attacker import install
from tests.support.logbook import Logbook
from tests.support.outboxes import write_many

PROJECT = Path(__file__).parent.parent.parent
VERY_MANY = 20_000
# The rows themselves would take several times as much.
MOST_KILOBYTES = 6 * 1024
# The download as a process of its own sees it: how many lines there were, and what its memory grew by.
DOWNLOAD = """
import sys
from datetime import UTC
from app import app
from b24app.services.access import portals
from b24app.services.reports import export
from b24app.services.reports.deliveries import Filter, Standing
from b24app.web import downloads

def peak_kilobytes():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

def entries(session):
    return export.entries(session, portal, Filter(standing=Standing.ALL), UTC)

def watched(pieces):
    before = peak_kilobytes()
    return sum(piece.count(b"\\n") for piece in pieces), peak_kilobytes() - before

with app.app_context():
    with app.extensions["logbook"].sessions() as session:
        portal = portals.known(session, sys.argv[1])
    everything = downloads.json_lines(portal, "x", lambda session: export.everything(session, portal))
    table = downloads.csv_file(portal, "x", export.ENTRY_COLUMNS, entries)
    print(*watched(table.response), *watched(everything.response))
"""


@pytest.fixture
def admin(installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


def table(admin: Admin, **fields: str) -> list[dict[str, str]]:
    page = admin.go("deliveries/export", state="all", **fields)
    assert page.status == 200
    assert page.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(page.text.removeprefix("\ufeff"), newline="")))


def lines(admin: Admin) -> list[dict[str, object]]:
    page = admin.go("leave/export")
    assert (page.status, page.headers["Content-Type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in page.text.splitlines()]


def test_a_table_has_a_speaking_name_a_mark_and_all_columns(admin: Admin, installed: Logbook, portal: Portal) -> None:
    write_many(installed, portal, 1, title='Said "no", twice', text="One\nTwo; ünï")
    page = admin.go("deliveries/export", state="all")
    assert page.headers["Content-Disposition"].startswith('attachment; filename="logbook-localhost-')
    assert page.text.startswith("\ufeffnumber,written_at,author,")
    (row,) = table(admin)
    assert (row["title"], row["text"]) == ('Said "no", twice', "One\nTwo; ünï")
    assert (row["author"], row["state"], row["reason"]) == ("Anna Keller", "failed", "ACCESS_DENIED")


def test_a_table_has_what_the_filter_finds(admin: Admin, installed: Logbook, portal: Portal) -> None:
    write_many(installed, portal, 30, title="Plain")
    write_many(installed, portal, 2, title="Special", entity_id=9)
    assert len(table(admin)) == 32
    assert {row["title"] for row in table(admin, words="special")} == {"Special"}
    assert table(admin, words="nothing at all") == []


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(1)", "＝1", " =1"])
def test_what_a_spreadsheet_would_execute_is_defused(cell: str) -> None:
    assert defused(cell) == f"'{cell}"
    assert defused(f"a{cell}") == f"a{cell}"


@pytest.mark.parametrize("separator", [";", ",", "|", "\t", "\n", "\r\n", "\v", "\x85", '"', ";'", '; "'])
def test_so_it_is_behind_whatever_may_begin_another_cell(separator: str) -> None:
    assert defused(f"Call{separator}=1+1{separator}- x") == f"Call{separator}'=1+1{separator}'- x"
    assert defused(f"Call{separator} @x") == f"Call{separator} '@x"
    assert defused(f"Call{separator}me = you - 1") == f"Call{separator}me = you - 1"


@any_database
def test_no_cell_of_a_table_is_a_formula(admin: Admin, installed: Logbook, portal: Portal) -> None:
    portal.administrator.name = "=cmd|' /C calc'!A0"
    write_many(installed, portal, 1, title='=HYPERLINK("http://evil","x")', text="@x", reason="-2")
    admin = Admin(installed, portal)
    (row,) = table(admin)
    assert all(not cell.startswith(("=", "+", "-", "@")) for cell in row.values())
    assert row["title"] == '\'=HYPERLINK("http://evil","x")'


def test_everything_is_exported_except_secrets(admin: Admin, installed: Logbook, portal: Portal) -> None:
    frame = portal.frame(portal.employee)
    form = installed.send(frame).form
    installed.post(form, icon="comment", title="Posted", text="Words of an entry")
    installed.submit("/drafts", {**form, "title": "Half a thought", "text": "private", "icon": "comment"})
    told = lines(admin)
    kinds = [str(line["kind"]) for line in told]
    assert (kinds[0], kinds[-1]) == ("export", "end")
    assert told[-1]["lines"] == len(told) - 2
    assert {"portal", "person", "permission", "entry", "draft", "call"} <= set(kinds)
    assert "Words of an entry" in [line.get("text") for line in told]
    everything = json.dumps(told)
    secrets = [frame.fields["AUTH_ID"], frame.fields["REFRESH_ID"], str(portal.application_token), CLIENT_SECRET]
    assert [secret for secret in [*secrets, "Half a thought", "gAAAA"] if secret in everything] == []


def test_the_page_says_in_numbers_what_is_stored(admin: Admin, installed: Logbook, portal: Portal) -> None:
    write_many(installed, portal, 3)
    page = admin.go("leave")
    facts = dict(
        zip((dt.text for dt in page.soup.select("dt")), (dd.text for dd in page.soup.select("dd")), strict=True)
    )
    assert (facts["Entries"], facts["People"], facts["Drafts"]) == ("3", "1", "0")
    assert "everything listed above is deleted" in page.text


@any_database
def test_another_portal_gets_nothing_of_it(installed: Logbook, box: Box, portal: Portal) -> None:
    write_many(installed, portal, 3, title="Theirs")
    second = box.add_portal()
    install(installed, second)
    foreign = Admin(installed, second)
    told = lines(foreign)
    assert [line for line in told if line["kind"] == "entry"] == []
    assert portal.member_id not in json.dumps(told)
    assert table(foreign) == []


def test_a_filter_that_finds_nothing_still_names_the_columns(admin: Admin) -> None:
    assert admin.go("deliveries/export").text.removeprefix("\ufeff").startswith("number,")


def test_twenty_thousand_rows_need_hardly_more_memory_than_one(installed: Logbook, box: Box, portal: Portal) -> None:
    write_many(installed, portal, 1, text="word " * 50)
    url = installed.context.config.database_url
    with installed.database() as session:
        columns = [column.name for column in LogEntry.__table__.columns if column.name not in {"id", "form_key"}]
        names = ", ".join(columns)
        series = SERIES[session.connection().dialect.name].format(rows=VERY_MANY)
        copied = f"SELECT {names}, 'copy ' || n FROM log_entries, series"  # noqa: S608
        session.execute(text(f"INSERT INTO log_entries ({names}, form_key) {series} {copied}"))
        session.commit()
        # PostgreSQL does that by itself.
        session.execute(text("ANALYZE"))
        session.commit()
    command = [sys.executable, "-c", DOWNLOAD, portal.member_id]
    environ = {**os.environ, **environment(box, url)}
    done = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    rows, kilobytes, lines, more_kilobytes = map(int, done.stdout.split())
    assert min(rows, lines) > VERY_MANY
    assert max(kilobytes, more_kilobytes) < MOST_KILOBYTES
