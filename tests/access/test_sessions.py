"""Session tokens: what the browser holds is ours, timed, and good for one purpose of one person in one portal."""

import time

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from b24app.services.access import portals, purge
from devportal import Box, Portal
from tests.conftest import SECRET_KEY, any_database
from tests.support.attacker import install
from tests.support.logbook import Logbook, Page

pytestmark = any_database

DEAL = 2
WORDS = {"icon": "comment", "title": "Called about the offer", "text": "They want it by Friday."}
HOUR = 3600


@pytest.fixture
def form(installed: Logbook, portal: Portal) -> dict[str, str]:
    """The composer's form as an employee sees it."""
    form = {**installed.send(portal.frame(portal.employee)).form, **WORDS}
    portal.calls.clear()
    return form


def resealed(token: str, *, key: str = SECRET_KEY, age_seconds: float = 0) -> str:
    """The same token as if it had been sealed at another time, or by somebody else."""

    class Signer(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(time.time() - age_seconds)

    ours = URLSafeTimedSerializer(SECRET_KEY, salt="logbook.session")
    return str(URLSafeTimedSerializer(key, salt="logbook.session", signer=Signer).dumps(ours.loads(token)))


def is_kept_as_expired(page: Page, portal: Portal) -> None:
    assert (page.status, page.outcome) == (401, "expired")
    assert (page.form["title"], page.form["text"]) == (WORDS["title"], WORDS["text"])
    assert page.headers["Content-Security-Policy"].endswith("frame-ancestors *")
    assert page.entry_ids == []
    assert set(page.icons) <= {WORDS["icon"]}
    assert portal.member_id not in page.text
    assert portal.host not in page.text
    assert list(portal.calls) == []


def test_a_form_may_lie_open_for_twelve_hours(installed: Logbook, portal: Portal, form: dict[str, str]) -> None:
    session = resealed(form["session"], age_seconds=12 * HOUR - 60)
    assert installed.post(form, session=session).outcome == "posted"


def test_after_twelve_hours_it_has_expired_and_the_text_is_kept(
    installed: Logbook, portal: Portal, form: dict[str, str]
) -> None:
    session = resealed(form["session"], age_seconds=12 * HOUR + 60)
    is_kept_as_expired(installed.post(form, session=session), portal)


def test_a_form_that_lay_open_for_an_hour_gets_a_new_session(
    installed: Logbook, portal: Portal, form: dict[str, str]
) -> None:
    young = resealed(form["session"], age_seconds=HOUR - 60)
    assert installed.post(form, session=young).form["session"] == young
    old = resealed(form["session"], age_seconds=HOUR + 60)
    page = installed.post(form, session=old)
    assert page.form["session"] != old
    assert installed.post(page.form, **WORDS).outcome == "posted"


def test_a_token_of_the_future_is_not_ours(installed: Logbook, portal: Portal, form: dict[str, str]) -> None:
    is_kept_as_expired(installed.post(form, session=resealed(form["session"], age_seconds=-60)), portal)


def test_a_token_that_was_verified_before_expires_nevertheless(
    installed: Logbook, portal: Portal, form: dict[str, str]
) -> None:
    session = resealed(form["session"], age_seconds=12 * HOUR - 1)
    while (page := installed.post(form, session=session)).status == 200:
        portal.calls.clear()
    is_kept_as_expired(page, portal)


def test_a_token_sealed_by_another_key_is_not_ours(installed: Logbook, portal: Portal, form: dict[str, str]) -> None:
    is_kept_as_expired(installed.post(form, session=resealed(form["session"], key="guess")), portal)


def test_a_token_that_was_changed_is_not_ours(installed: Logbook, portal: Portal, form: dict[str, str]) -> None:
    token = form["session"]
    content, sealed_at, signature = token.rsplit(".", 2)
    colleague = installed.send(portal.frame(portal.administrator)).form["session"].rsplit(".", 2)[0]
    portal.calls.clear()
    swapped = (f"{colleague}.{sealed_at}.{signature}", f"{content}.{sealed_at[::-1]}.{signature}", content)
    for forged in (*swapped, token[:-1], token[1:], token + "A", f".{token}", token * 2):
        is_kept_as_expired(installed.post(form, session=forged), portal)


def test_a_token_for_another_purpose_is_not_for_posting(
    installed: Logbook, portal: Portal, form: dict[str, str]
) -> None:
    main_page = installed.send(portal.frame(portal.administrator, placement="DEFAULT"))
    portal.calls.clear()
    is_kept_as_expired(installed.post(form, session=main_page.form["session"]), portal)


@pytest.mark.parametrize("address", ["/install", "/settings", "/settings/connection/repair"])
def test_a_token_for_posting_is_for_nothing_else(
    installed: Logbook, portal: Portal, form: dict[str, str], address: str
) -> None:
    as_administrator = installed.send(portal.frame(portal.administrator)).form["session"]
    del portal.state.placements[0]
    portal.calls.clear()
    for session in (form["session"], as_administrator, ""):
        page = installed.submit(address, {"session": session})
        assert (page.status, page.refusal) == (401, "expired")
        assert page.headers["Content-Security-Policy"].endswith("frame-ancestors *")
    assert list(portal.calls) == []


def test_a_state_of_an_authorization_is_no_session_and_a_session_no_state(
    installed: Logbook, portal: Portal, form: dict[str, str]
) -> None:
    start = installed.get("/oauth/start", domain=portal.host)
    state = start.headers["Location"].partition("state=")[2]
    is_kept_as_expired(installed.post(form, session=state), portal)
    assert installed.get("/oauth/callback", code="x", state=form["session"]).status == 403


def test_a_token_of_another_portal_writes_there_and_nowhere_else(
    installed: Logbook, box: Box, portal: Portal, form: dict[str, str]
) -> None:
    second = box.add_portal(kind="on-premise", name="Workshop")
    install(installed, second)
    foreign = installed.send(second.frame(second.administrator)).form["session"]
    page = installed.post(form, session=foreign)
    assert page.headers["Content-Security-Policy"].endswith(f"frame-ancestors {second.url}")
    assert portal.timeline(DEAL, 1) == []
    assert [message.title for message in second.timeline(DEAL, 1)] == [WORDS["title"]]
    assert list(portal.calls) == []


def test_a_token_holds_no_secret_and_no_name_of_a_person(portal: Portal, form: dict[str, str]) -> None:
    content = str(URLSafeTimedSerializer(SECRET_KEY, salt="logbook.session").loads(form["session"]))
    pairs = [pair.access_token for pair in portal.authority.state.pairs]
    secrets = [*pairs, portal.application_token, portal.employee.last_name]
    assert [secret for secret in secrets if str(secret) in content] == []


def test_the_token_of_a_deleted_portal_is_refused_and_the_text_is_kept(
    installed: Logbook, portal: Portal, form: dict[str, str]
) -> None:
    with installed.database() as session:
        ours = portals.known(session, portal.member_id)
        purge.condemn(session, ours)
        purge.purge(session, ours.id)
        session.commit()
    page = installed.post(form)
    assert (page.status, page.outcome) == (403, "refused")
    assert (page.form["title"], page.form["text"]) == (WORDS["title"], WORDS["text"])
    assert list(portal.calls) == []
