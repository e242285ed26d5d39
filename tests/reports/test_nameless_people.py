"""People without a name in their portal are called by their number there, the same everywhere."""

import pytest

from b24app.models import Person, TokenPair
from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page

pytestmark = any_database

WORDS = {"icon": "comment", "title": "Called", "text": "By Friday."}


@pytest.fixture
def composer(installed: Logbook, portal: Portal) -> Page:
    """Everybody has lost their names, and an employee has posted."""
    for person in portal.people:
        person.name = person.last_name = ""
    page = installed.send(portal.frame(portal.employee))
    assert installed.post(page.form, **WORDS).outcome == "posted"
    return page


@pytest.fixture
def admin(composer: Page, installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


def test_in_the_composer(composer: Page, installed: Logbook, portal: Portal) -> None:
    for person in (portal.employee, portal.administrator, portal.reader):
        page = installed.send(portal.frame(person))
        assert "User 7" in page.history[0].get_text()
    filled = installed.submit("/preview", composer.form)
    assert "User 7" in filled.history[0].get_text()


def test_in_lists_and_their_filters(admin: Admin) -> None:
    page = admin.go("deliveries", state="all", author="user 7")
    assert page.one(".delivery bdi").text == "User 7"
    assert {str(one["value"]) for one in page.soup.select("#people option")} == {"User 1 (1)", "User 7 (7)"}
    assert ",User 7,7," in admin.go("deliveries/export", state="all").text
    page = admin.go("calls")
    assert {who.text for who in page.soup.select(".call bdi, .row bdi")} == {"User 1", "User 7"}
    assert ",User 7,7," in admin.go("calls/export").text


def test_where_they_are_chosen_and_what_is_saved_is_no_name(admin: Admin) -> None:
    page = admin.go("writers")
    names = [tick.text for tick in page.soup.select("form [data-people] bdi")]
    assert names == ["User 1", "User 7"]
    fields = {str(box["name"]): str(box["value"]) for box in page.soup.select("form [type=hidden][name^=name-]")}
    page = admin.go("writers/save", version="0", who="chosen", person=["7", "99"], **fields)
    assert [tick.text for tick in page.soup.select("form [data-people] bdi")] == ["User 7", "User 99", "User 1"]
    page = admin.go("changes")
    assert "User 1" in page.text
    assert "User 7" not in page.text


def test_where_somebody_was_faster(admin: Admin) -> None:
    admin.go("writers/save", version="0", who="administrators")
    page = admin.go("writers/save", version="0", who="everybody")
    assert "User 1 has saved it on" in page.one("[data-outcome]").text


def test_among_those_for_whom_nothing_can_be_written(admin: Admin, installed: Logbook) -> None:
    with installed.database() as session:
        pair = session.query(TokenPair).join(Person).filter(Person.bitrix_id == 7).one()
        pair.refusal = "INVALID_GRANT"
        session.commit()
    assert "User 7" in admin.go("connection").text
