"""A portal gets another address: only the authorization server is believed, and no entry is lost."""

from sqlalchemy import select

from b24app.models import Portal as PortalRow
from devportal import Portal
from tests.support.logbook import Logbook

WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}


def endpoint_of(logbook: Logbook, portal: Portal) -> str:
    with logbook.database() as session:
        known = select(PortalRow).where(PortalRow.member_id == portal.member_id)
        return session.scalars(known).one().client_endpoint


def test_a_frame_of_a_renamed_portal_is_served_at_its_new_address(installed: Logbook, portal: Portal) -> None:
    old = portal.client_endpoint
    portal.rename()
    assert portal.client_endpoint != old
    page = installed.send(portal.frame(portal.employee))
    assert page.status == 200
    assert endpoint_of(installed, portal) == portal.client_endpoint
    assert page.headers["Content-Security-Policy"].endswith(f"frame-ancestors {portal.url}")


def test_a_post_to_a_renamed_portal_arrives_once(installed: Logbook, portal: Portal) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    portal.rename()
    assert installed.post(form, **WORDS).outcome == "posted"
    assert len(portal.timeline(2, 1)) == 1
    assert endpoint_of(installed, portal) == portal.client_endpoint


def test_a_renamed_portal_is_followed_with_an_expired_token_too(installed: Logbook, portal: Portal) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    portal.rename()
    portal.expire_access_tokens()
    page = installed.post(form, **WORDS)
    for _ in range(3):
        installed.work()
        installed.pass_time(60)
    assert page.outcome in {"posted", "queued"}
    assert len(portal.timeline(2, 1)) == 1
