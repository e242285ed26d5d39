"""After a complete run, no secret is found anywhere in plain text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from sqlalchemy import create_engine, make_url, text

from devportal import Box, Portal
from tests.conftest import CLIENT_ID, CLIENT_SECRET, SECRET_KEY, TOKEN_KEY, any_database, environment
from tests.support.logbook import Page
from tests.support.served import Served

WORDS = {"icon": "comment", "title": "Called about the offer", "text": "They want it by Friday."}


@dataclass
class Walk:
    """Everything that was said during a run, and what must not be in it."""

    box: Box
    served: Served
    database_url: str
    pages: list[Page] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    @property
    def portal(self) -> Portal:
        return self.box.portals[0]

    def secrets(self) -> dict[str, str]:
        pairs = self.box.authority.state.pairs
        rows = [one for portal in self.box.portals for one in portal.state.installations.values()]
        return {
            **{f"access token {number}": pair.access_token for number, pair in enumerate(pairs)},
            **{f"refresh token {number}": pair.refresh_token for number, pair in enumerate(pairs)},
            **{f"application token {number}": row.application_token for number, row in enumerate(rows)},
            **{f"code {number}": code for number, code in enumerate(self.codes)},
            "client secret": CLIENT_SECRET,
            "secret key": SECRET_KEY,
            "token key": TOKEN_KEY,
        }

    def sessions(self) -> dict[str, str]:
        """Our own session tokens, which pages may hold and nothing else."""
        forms = [page.form for page in self.pages if page.soup.select("form")]
        return {f"session {number}": form["session"] for number, form in enumerate(forms) if form["session"]}

    def stored(self) -> bytes:
        """Every byte of an SQLite database with its neighbours, or every row of a PostgreSQL one."""
        path = make_url(self.database_url).database
        if self.database_url.startswith("sqlite"):
            assert path
            return b"".join(file.read_bytes() for file in sorted(Path(path).parent.glob(f"{Path(path).name}*")))
        engine = create_engine(self.database_url)
        with engine.connect() as connection:
            tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
            rows = [str(connection.execute(text(f'SELECT * FROM "{table}"')).all()) for table in tables]  # noqa: S608
        engine.dispose()
        return "\n".join(rows).encode()

    def authorize(self) -> Page:
        """By /oauth/start to the portal and back, in a tab of its own."""
        start = self.served.get("/oauth/start", domain=self.portal.host)
        back = requests.get(start.headers["Location"], allow_redirects=False, timeout=10).headers["Location"]
        self.pages.append(start)
        self.codes.append(back.partition("code=")[2].partition("&")[0])
        return self.served.get(back.removeprefix(self.served.url))


def found(content: bytes | str, secrets: dict[str, str]) -> list[str]:
    """The names of the secrets found there, as they are or urlencoded."""
    readable = content if isinstance(content, str) else content.decode("latin-1")
    return [name for name, secret in secrets.items() if secret in readable or quote(secret, safe="") in readable]


@pytest.fixture
def walk(tmp_path: Path, database_url: str) -> Iterator[Walk]:
    with Served(tmp_path / "served.log") as served, Box(served.url, CLIENT_ID, CLIENT_SECRET) as box:
        served.start(environment(box, database_url))
        walk = Walk(box, served, database_url)
        go(walk)
        yield walk


def go(walk: Walk) -> None:
    """Install, open, post, expire and renew, authorize, update, forge, break down, uninstall."""
    portal, served, pages = walk.portal, walk.served, walk.pages
    pages.append(served.send(portal.install_frame(portal.administrator)))
    portal.finish_install()
    pages.append(served.send(portal.frame(portal.administrator, placement="DEFAULT")))
    composer = served.send(portal.frame(portal.employee))
    pages += [composer, served.post(composer.form, **WORDS)]
    assert [page.status for page in pages] == [200, 200, 200, 200]

    portal.expire_access_tokens()
    pages.append(served.post(composer.form, **{**WORDS, "title": "Renewed"}))
    assert pages[-1].outcome == "posted", pages[-1].text
    portal.expire_access_tokens()
    portal.authority.renewal_refusal = "invalid_grant"
    pages.append(served.post(composer.form, **{**WORDS, "title": "Waits"}))
    assert pages[-1].outcome == "queued"
    portal.authority.renewal_refusal = ""
    served.work()

    pages.append(walk.authorize())
    assert pages[-1].status == 200, pages[-1].text
    pages += [served.get("/oauth/callback", code=walk.codes[0], state="forged"), _refused_code(walk)]
    portal.update_application(new_token=True)
    assert portal.events.sent[-1].status == 200
    pages += _refusals(walk)
    portal.uninstall()
    assert portal.events.sent[-1].status == 200
    pages.append(served.post(composer.form, **{**WORDS, "title": "Too late"}))
    served.work()


def _refused_code(walk: Walk) -> Page:
    """A code that was used already, with a state that is good."""
    state = walk.pages[-2].headers["Location"].partition("state=")[2]
    page = walk.served.get("/oauth/callback", code=walk.codes[0], state=state, member_id=walk.portal.member_id)
    assert page.status == 403
    return page


def _refusals(walk: Walk) -> list[Page]:
    portal, served = walk.portal, walk.served
    frame = portal.frame(portal.employee)
    unknown = {"AUTH_ID": frame.fields["AUTH_ID"][::-1]}
    malformed = {"PLACEMENT_OPTIONS": frame.fields["AUTH_ID"]}
    pages = [served.send(frame, **unknown), served.send(frame, **malformed), served.send(frame, member_id="unknown")]
    pages.append(served.get("/placement", AUTH_ID=frame.fields["AUTH_ID"]))
    pages.append(served.event({"event": "ONAPPUNINSTALL", "auth[member_id]": portal.member_id}))
    for listener in walk.box._listeners[:1]:
        listener.stop()  # the authorization server breaks down
    pages.append(served.send(portal.install_frame(portal.administrator)))
    return pages


def test_none_is_stored_logged_or_shown(walk: Walk) -> None:
    stored = walk.stored()
    assert walk.portal.member_id.encode() in stored  # so it is the right place to look
    assert "invalid_grant".upper() in walk.served.log  # and so is this
    assert len(walk.pages) > 12
    assert len(walk.secrets()) > 15
    assert found(stored, {**walk.secrets(), **walk.sessions()}) == []
    assert found(walk.served.log, {**walk.secrets(), **walk.sessions()}) == []
    for page in walk.pages:
        assert found(page.text + str(page.headers), walk.secrets()) == []
        assert "Set-Cookie" not in page.headers


@any_database
def test_none_travels_in_an_address_and_each_only_where_it_belongs(walk: Walk) -> None:
    calls = [*walk.portal.calls, *walk.box.authority_calls]
    assert len(calls) > 8
    assert {call.verb for call in calls} == {"POST"}
    told = [call for call in calls if found(str(call.parameters), {"client secret": CLIENT_SECRET})]
    assert {call.method for call in told} == {"oauth/token"}
    sessions = walk.sessions()
    assert len(sessions) > 3
    for page in walk.pages:
        links = [str(one.get(name)) for name in ("href", "src", "action") for one in page.soup.select(f"[{name}]")]
        assert found(str(links) + str(page.headers), sessions) == []
