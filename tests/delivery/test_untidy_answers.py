"""A portal with lists as maps, PHP notices or early hints in each answer is served like any other."""

import pytest

from devportal import Portal
from devportal.model.dialects import Dialect
from tests.conftest import any_database
from tests.support.attacker import install
from tests.support.logbook import Logbook
from tests.support.outboxes import on_timeline

pytestmark = any_database


@pytest.mark.parametrize(
    "dialect",
    [Dialect(rows="map"), Dialect(rows="map", log_list="bare"), Dialect(notices="shown"), Dialect(hints="early")],
)
def test_it_is_installed_written_to_and_read(logbook: Logbook, portal: Portal, dialect: Dialect) -> None:
    portal.state.dialect = dialect
    install(logbook, portal)
    page = logbook.send(portal.frame(portal.employee))
    assert "whatsapp" in page.icons
    assert logbook.post(page.form, icon="whatsapp", title="Called", text="They agreed.").outcome == "posted"
    (entry,) = logbook.send(portal.frame(portal.employee)).history
    assert "They agreed." in entry.get_text()


def test_its_refusals_are_believed(installed: Logbook, portal: Portal) -> None:
    portal.state.dialect.notices = "shown"
    page = installed.send(portal.frame(portal.employee))
    portal.expire_access_tokens(portal.employee)
    assert installed.post(page.form, icon="call", title="Called", text="They agreed.").outcome == "posted"
    assert on_timeline(portal) == ["Called"]
