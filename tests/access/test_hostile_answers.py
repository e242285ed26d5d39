"""Answers with characters that databases and pages cannot handle: they are read anyway, and do no harm."""

from datetime import UTC, datetime

import pytest

from b24app.models import Person
from b24app.models import Portal as PortalRow
from devportal import Portal
from tests.access.test_rest_log import calls_of
from tests.support.logbook import Logbook
from tests.support.outboxes import on_timeline, waiting

# JSON can say it, UTF-8 and PostgreSQL cannot.
UNSTORABLE = "A\ud800\x00"
READ = "A\ufffd\ufffd"


def test_a_refusal_in_such_words_is_written_down_and_the_round_goes_on(installed: Logbook, portal: Portal) -> None:
    waiting(installed, portal)
    with installed.database() as session:
        session.query(PortalRow).one().places_due_at = datetime.now(UTC)
        session.commit()
    portal.faults.refuse(UNSTORABLE, "batch")
    installed.work()
    assert "A??" in {call.code for call in calls_of(installed, portal)}
    assert on_timeline(portal) == ["Called"]


@pytest.mark.parametrize("inner", ["profile", "crm.timeline.icon.list", "crm.item.get"])
def test_such_a_refusal_within_an_opening_is_written_down(installed: Logbook, portal: Portal, inner: str) -> None:
    portal.faults.refuse(UNSTORABLE, inner)
    assert installed.send(portal.frame(portal.employee)).status in {200, 403}
    assert calls_of(installed, portal)[-1].code == "A??"


def test_a_person_a_card_and_an_icon_with_such_names_are_shown_and_kept(installed: Logbook, portal: Portal) -> None:
    portal.employee.last_name = UNSTORABLE
    portal.state.items[2][1].title = UNSTORABLE
    portal.icons.system_codes.append(UNSTORABLE)
    page = installed.send(portal.frame(portal.employee))
    assert page.status == 200
    assert READ in page.icons
    assert installed.post(page.form, icon="comment", title="Called", text="They agreed.").outcome == "posted"
    with installed.database() as session:
        named = session.query(Person).filter_by(bitrix_id=portal.employee.id).one()
        assert named.name.endswith(READ)


def test_an_installation_is_made_where_bindings_and_types_are_called_like_that(
    installed: Logbook, portal: Portal
) -> None:
    portal.placements[-1].handler += UNSTORABLE
    portal.add_type(UNSTORABLE)
    assert installed.send(portal.install_frame(portal.administrator)).status == 200
