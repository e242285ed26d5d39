"""The shipped site in a real nginx, in front of Logbook as its unit starts it."""

import itertools
import re
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest
import requests

from b24app import moderation
from devportal import Box, Portal
from tests.conftest import any_database, environment
from tests.support.administrator import Admin
from tests.support.cards import filled
from tests.support.logbook import Logbook
from tests.support.service import Site, site

pytestmark = any_database


@pytest.fixture
def served(box: Box, database_url: str, installed: Logbook) -> Iterator[Site]:
    # The name of a socket is short: pytest's own folders are too deep for it.
    with (
        tempfile.TemporaryDirectory(prefix="logbook-") as folder,
        site(Path(folder), {**environment(box, database_url), "TRUSTED_PROXIES": "1"}) as served,
    ):
        yield served


def test_pages_forms_streams_and_restarts_come_through_nginx_as_they_should(
    served: Site, installed: Logbook, portal: Portal
) -> None:
    with served.session() as http:
        _is_secure(served, http)
        _takes_no_id_of_a_visitor(served, http)
        _is_compressed_once(served, http)
        _takes_an_icon_that_is_sent_again(served, http)
        _compresses_downloads(served, http, Admin(installed, portal))
        _holds_no_stream_back(served, http, Admin(installed, portal), portal)
    _passes_moderation(served, installed)
    _loses_no_request_when_it_is_begun_anew(served)
    _answers_alone_where_logbook_cannot(served)


def _is_secure(served: Site, http: requests.Session) -> None:
    moved = http.get(f"{served.http}/placement?x=1", allow_redirects=False)
    assert (moved.status_code, moved.headers["Location"]) == (301, "https://localhost/placement?x=1")
    page = http.get(f"{served.https}/")
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "frame-ancestors" in page.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in page.headers
    assert _protocol(served) == "h2"


def _passes_moderation(served: Site, installed: Logbook) -> None:
    """What can be checked of the Market's rules, over TLS, with the settings of a real installation."""
    own = replace(installed.context.config, app_url=served.https, ca_bundle=str(served.certificate))
    named = replace(own, operator_name="Example Partners", operator_contact="privacy@example.com")
    context = replace(installed.context, config=replace(named, is_insecure_allowed=False))
    findings = list(moderation.examine(context))
    assert [finding.sentence for finding in findings if not finding.is_fine] == []
    assert sum("HEAD https://" in finding.sentence for finding in findings) == 8


def _takes_no_id_of_a_visitor(served: Site, http: requests.Session) -> None:
    page = http.get(f"{served.https}/", headers={"X-Request-ID": "chosen-by-a-stranger"})
    assert re.fullmatch("[0-9a-f]{32}", page.headers["X-Request-ID"]), "it is that of nginx"


def _protocol(served: Site) -> str | None:
    context = ssl.create_default_context(cafile=str(served.certificate))
    context.set_alpn_protocols(["h2", "http/1.1"])
    address = urlsplit(served.https)
    with (
        socket.create_connection(("127.0.0.1", address.port or 0), timeout=10) as connection,
        context.wrap_socket(connection, server_hostname="localhost") as secured,
    ):
        return secured.selected_alpn_protocol()


def _is_compressed_once(served: Site, http: requests.Session) -> None:
    for path in ("/", "/static/logbook.css"):
        with http.get(f"{served.https}{path}", headers={"Accept-Encoding": "br, gzip"}, stream=True) as answer:
            assert answer.headers["Content-Encoding"] == "br"
            assert brotli.decompress(answer.raw.read(decode_content=False))


def _takes_an_icon_that_is_sent_again(served: Site, http: requests.Session) -> None:
    """As text it is longer than nginx's own limit. Logbook's answer comes, since the session is nobody's."""
    fields = {"session": "nobody's", "picture_kept": "A" * 1_333_336, "name": "Party"}
    assert http.post(f"{served.https}/settings/icons/upload", data=fields).status_code == 401
    answer = http.post(f"{served.https}/settings/icons/upload", data={"picture_kept": "A" * 1_800_000})
    assert answer.status_code == 413
    assert "data-refusal" in answer.text


def _compresses_downloads(served: Site, http: requests.Session, admin: Admin) -> None:
    answer = http.post(f"{served.https}/settings/leave/export", data={"session": admin.session})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert '"kind": "end"' in answer.text.splitlines()[-1]


def _holds_no_stream_back(served: Site, http: requests.Session, admin: Admin, portal: Portal) -> None:
    for number in range(17):
        portal.add_type(f"Process {number}")
    fields = filled(admin.go("places")) | {"session": admin.session}
    with http.post(f"{served.https}/settings/places/save", data=fields, stream=True) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        seen = [len(portal.placements) for piece in answer.iter_content(None) if b"<progress" in piece]
    assert seen[0] < len(portal.placements) == 25


def _loses_no_request_when_it_is_begun_anew(served: Site) -> None:
    """Neither by a reload nor by stopping and starting it."""
    stopped, answers = threading.Event(), itertools.count()
    failures: list[str] = []

    def ask() -> None:
        with served.session() as http:
            while not stopped.wait(0.02):
                answer = http.get(f"{served.https}/healthz", timeout=60)
                next(answers)
                if answer.status_code != 200:
                    failures.append(f"{answer.status_code} {answer.text}")

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        served.web.reload()
        served.web.stop()
        served.web.start()
    finally:
        stopped.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert next(answers) >= len(threads)


def _answers_alone_where_logbook_cannot(served: Site) -> None:
    """The bare pages of the runbook: more than the site lets through, and no web server behind it."""
    with served.session() as http:
        endless = http.post(f"{served.https}/entries", headers={"Content-Length": "3000000"}, data=b"")
        served.web.close()
        alone = http.get(f"{served.https}/")
    for answer, status in ((endless, 413), (alone, 502)):
        assert (answer.status_code, "<center>nginx" in answer.text) == (status, True)
