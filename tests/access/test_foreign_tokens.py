"""Somebody else's refresh token, sent by a browser, gives no access and changes nothing."""

from sqlalchemy import select

from b24app.models import Person, TokenPair
from devportal import Box, Portal
from tests.access.test_relocation import endpoint_of
from tests.support.administrator import Admin
from tests.support.attacker import install
from tests.support.logbook import Logbook

WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}


def test_one_of_another_portal_does_not_move_this_one(installed: Logbook, box: Box, portal: Portal) -> None:
    elsewhere = box.add_portal(kind="on-premise", name="Elsewhere")
    install(installed, elsewhere)
    address = endpoint_of(installed, portal)
    foreign = elsewhere.frame(elsewhere.employee).fields["REFRESH_ID"]
    form = installed.send(portal.frame(portal.employee), REFRESH_ID=foreign).form
    portal.expire_access_tokens(portal.employee)
    elsewhere.calls.clear()
    assert installed.post(form, **WORDS).outcome == "queued"
    assert endpoint_of(installed, portal) == address
    assert installed.send(portal.frame(portal.administrator)).status == 200
    assert list(elsewhere.calls) == []


def test_one_of_another_person_writes_nothing_in_his_name(installed: Logbook, portal: Portal) -> None:
    foreign = portal.frame(portal.administrator).fields["REFRESH_ID"]
    form = installed.send(portal.frame(portal.employee), REFRESH_ID=foreign).form
    portal.expire_access_tokens(portal.employee)
    assert installed.post(form, **WORDS).outcome == "queued"
    assert portal.timeline(2, 1) == []
    installed.send(portal.frame(portal.employee))
    installed.work()
    (message,) = portal.timeline(2, 1)
    assert message.author_id == portal.employee.id


def test_settings_are_not_shown_by_another_persons_token(installed: Logbook, portal: Portal) -> None:
    admin = Admin(installed, portal)
    installed.send(portal.frame(portal.employee))
    portal.employee.is_admin = True
    with installed.database() as session:
        pairs = {pair.person_id: pair for pair in session.scalars(select(TokenPair))}
        people = {person.bitrix_id: person.id for person in session.scalars(select(Person))}
        theirs = pairs[people[portal.employee.id]]
        pairs[people[portal.administrator.id]].access_token = theirs.access_token
        session.commit()
    assert admin.go("icons").status == 403
