"""What people, monitors and the Market's probe find at the addresses outside Bitrix24."""

import json
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from sqlalchemy import make_url, text

from b24app import create_app
from b24app.config import Config
from devportal import Box, Portal
from tests.conftest import environment
from tests.support.logbook import Logbook

FOR_PEOPLE = ["/", "/install", "/placement", "/events", "/oauth/callback"]
ONLY_POST = ["/entries", "/settings", "/settings/connection/repair"]


@pytest.mark.parametrize("address", FOR_PEOPLE)
def test_an_address_of_ours_says_what_it_is_for(logbook: Logbook, address: str) -> None:
    page = logbook.get(address)
    assert page.status == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Logbook" in page.heading
    assert len(page.one("main").get_text(" ", strip=True)) > 60
    assert page.headers["Content-Security-Policy"].endswith("frame-ancestors *")
    assert not {"Set-Cookie", "X-Frame-Options", "Location"} & set(page.headers)


@pytest.mark.parametrize("address", [*FOR_PEOPLE, "/healthz", "/readyz"])
def test_the_markets_probe_gets_the_same_without_a_body(logbook: Logbook, address: str) -> None:
    client = logbook.app.test_client()
    head = client.head(address)
    assert (head.status_code, head.data) == (200, b"")
    assert head.content_length == client.get(address).content_length


@pytest.mark.parametrize("address", FOR_PEOPLE)
def test_the_query_changes_nothing_for_people(logbook: Logbook, address: str) -> None:
    """A reload of a frame's address without its body is such a request."""
    plain = logbook.get(address)
    asked = logbook.get(address, DOMAIN="evil.example", AUTH_ID="<b>x</b>", PLACEMENT="DEFAULT")
    if address == "/oauth/callback":
        assert asked.status == 403  # fields without a state of ours
    else:
        assert asked.status == 200
        assert asked.one("main").get_text() == plain.one("main").get_text()
    assert "evil.example" not in asked.text


@pytest.mark.parametrize("address", ONLY_POST)
def test_an_address_that_only_takes_forms_says_so(logbook: Logbook, address: str) -> None:
    page = logbook.get(address)
    assert page.status == 405
    assert "POST" in page.headers["Allow"]
    assert page.refusal == "outside"


@pytest.mark.parametrize("address", ["/nowhere", "/static/nothing.css", "/static/../app.py", "/.env", "/placement/"])
def test_an_address_that_leads_nowhere_has_its_page(logbook: Logbook, address: str) -> None:
    page = logbook.get(address)
    assert (page.status, page.refusal) == (404, "missing")
    assert page.one("code").text == page.headers["X-Request-ID"]


def test_a_main_page_without_a_portals_fields_is_malformed(logbook: Logbook) -> None:
    page = logbook.submit("/", {})
    assert (page.status, page.refusal) == (400, "malformed")


def test_every_request_has_an_id_of_its_own(logbook: Logbook) -> None:
    ids = {logbook.get("/").headers["X-Request-ID"] for _ in range(5)}
    assert len(ids) == 5


def test_browsers_cache_only_files_with_a_fingerprint(logbook: Logbook) -> None:
    page = logbook.get("/")
    assert page.headers["Cache-Control"] == "no-store"
    path, _, fingerprint = str(page.one("link[rel=stylesheet]")["href"]).partition("?v=")
    for query, expected in ((f"?v={fingerprint}", "public, max-age=31536000, immutable"), ("", "no-store")):
        with logbook.app.test_client().get(path + query) as answer:
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, expected)


def test_a_page_names_the_modules_of_its_script_as_the_script_does(installed: Logbook, portal: Portal) -> None:
    """All of them at once and under the same addresses: otherwise browsers ask one after the other, or twice."""
    opened = installed.send(portal.frame(portal.employee))
    preloaded = {str(link["href"]) for link in opened.soup.select("link[rel=modulepreload]")}
    scripts = [*preloaded, str(opened.soup.select("script[src*='/composer.js']")[0]["src"])]
    imported = set()
    for address in scripts:
        with installed.app.test_client().get(address) as answer:
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            imported |= {
                urljoin(address, name) for name in re.findall(r'from "([^"]+)"', answer.get_data(as_text=True))
            }
    assert len(imported) == 4
    assert imported == preloaded


def test_a_script_that_few_need_is_fetched_when_it_is_needed(installed: Logbook, portal: Portal) -> None:
    page = installed.send(portal.frame(portal.employee))
    assert "deleting.js" not in page.text
    script = installed.get("/static/composer.js").text
    match = re.search(r'import\("\./(composer/deleting\.js\?v=[0-9a-f]{12})"\)', script)
    assert match
    with installed.app.test_client().get(f"/static/{match[1]}") as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


class TestHealth:
    """GET /healthz."""

    def test_it_is_well_while_the_database_answers(self, logbook: Logbook) -> None:
        page = logbook.get("/healthz")
        assert page.status == 200
        assert json.loads(page.text) == {"status": "ok"}

    def test_it_is_not_when_the_database_cannot_be_reached(self, box: Box, tmp_path: Path) -> None:
        gone = Logbook(create_app(Config.from_environment(environment(box, "postgresql://x@127.0.0.1:9/x"))))
        page = gone.get("/healthz")
        assert page.status == 503
        assert json.loads(page.text)["status"] != "ok"
        gone.close()

    def test_nor_when_the_tables_are_missing(self, logbook: Logbook) -> None:
        drop_portals(logbook)
        assert logbook.get("/healthz").status == 503

    def test_nor_when_the_file_under_an_open_connection_is_spoiled(self, logbook: Logbook, database_url: str) -> None:
        path = make_url(database_url).database or ""
        if database_url.startswith("sqlite"):
            assert logbook.get("/healthz").status == 200
            Path(path).write_bytes(b"this was a database once")
        else:
            drop_portals(logbook)
        assert logbook.get("/healthz").status == 503


def drop_portals(logbook: Logbook) -> None:
    is_postgresql = logbook.context.config.database_url.startswith("postgresql")
    with logbook.database() as session:
        session.execute(text("DROP TABLE portals" + (" CASCADE" if is_postgresql else "")))
        session.commit()


def test_pages_say_that_the_database_is_unavailable(logbook: Logbook, portal: Portal) -> None:
    frame = portal.frame(portal.employee)
    drop_portals(logbook)
    page = logbook.send(frame)
    assert (page.status, page.refusal) == (503, "unreachable")
    assert "portals" not in page.text
