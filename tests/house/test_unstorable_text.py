"""Text that no database can store, in every field of every form: nothing is found, or it is refused."""

from collections.abc import Iterator
from typing import Any

import pytest

from b24app.models import Portal as PortalRow
from b24app.services.access import people
from b24app.services.settings import writers
from devportal import Portal
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page
from tests.support.markup import Element
from tests.support.outboxes import write_many

# SQLite takes more than PostgreSQL does.
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

UNSTORABLE = "a\x00b"
OVERLONG = "x" * 30_000
SECTIONS = ("places", "icons", "templates", "writers", "deliveries", "connection", "calls", "changes", "leave")


# What people may look for.
SEARCHES = {
    "deliveries": ("author", "kind", "card", "since", "words", "before", "state"),
    "deliveries/export": ("author", "words"),
    "calls": ("method", "code", "author", "before"),
    "writers/find": ("called",),
}


def forms(page: Page) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where the buttons of each form send it, and all that would be sent."""
    for form in page.soup.select("form"):
        named = [one for one in form.select("input, select, textarea, button") if one.has_attr("name")]
        fields = {str(one["name"]): _value(one) for one in named}
        places = [str(form.get("action", "")), *(str(one["formaction"]) for one in form.select("[formaction]"))]
        yield from ((place, fields) for place in sorted({place.partition("#")[0] for place in places} - {""}))


def _value(field: Element) -> str:
    if field.name == "select":
        chosen = field.select_one("option")
        return str(chosen.get("value", "")) if chosen else ""
    return field.get_text() if field.name == "textarea" else str(field.get("value", ""))


def test_no_form_of_the_settings_breaks(installed: Logbook, portal: Portal) -> None:
    admin = Admin(installed, portal)
    write_many(installed, portal, 1)
    sent = 0
    for section in SECTIONS:
        for address, fields in forms(admin.go(section)):
            every = set(fields) - {"session"}
            page = admin.submit(address, {**dict.fromkeys(every, UNSTORABLE), "session": admin.session})
            assert page.status < 500, address
            sent += 1
    assert sent > 30


@pytest.mark.parametrize("address", SEARCHES)
def test_no_search_breaks(installed: Logbook, portal: Portal, address: str) -> None:
    admin = Admin(installed, portal)
    for name in SEARCHES[address]:
        assert admin.go(address, who="everybody", **{name: UNSTORABLE}).status < 500, name


def test_no_form_of_the_composer_breaks(installed: Logbook, portal: Portal) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    words = {"icon": "comment", "title": "Called", "text": "They agreed."}
    for address in ("/entries", "/drafts", "/templates"):
        for name in {*form, *words, "entry", "template"} - {"session", "language"}:
            assert installed.submit(address, {**form, **words, name: UNSTORABLE}).status < 500, (address, name)
        assert installed.submit(address, {**form, **words, "icon": OVERLONG, "form_key": OVERLONG}).status < 500


def test_no_frame_event_or_authorization_breaks(installed: Logbook, portal: Portal) -> None:
    frame = portal.frame(portal.employee)
    for name in (*frame.fields, "LANG", "SERVER_ENDPOINT", "APPLICATION_TOKEN"):
        assert installed.send(frame, **{name: UNSTORABLE}).status < 500, name
    event = {"event": "ONAPPUNINSTALL", "auth[member_id]": portal.member_id, "auth[application_token]": "x", "ts": "1"}
    for name in event:
        assert installed.event({**event, name: UNSTORABLE}) < 500
    assert installed.get("/oauth/start", domain=UNSTORABLE).status < 500
    assert installed.get("/oauth/callback", code=UNSTORABLE, state=UNSTORABLE).status < 500


@pytest.mark.parametrize("text", [UNSTORABLE, "\ud800"])
def test_nothing_is_found_by_such_text(installed: Logbook, text: str) -> None:
    with installed.database() as session:
        ours = session.query(PortalRow).one()
        assert people.called(session, ours, text) == []
        assert writers.known(session, ours, called=text) == ([], False)


def test_an_export_by_such_a_filter_is_whole_and_empty(installed: Logbook, portal: Portal) -> None:
    page = Admin(installed, portal).go("calls/export", method=UNSTORABLE)
    assert page.status == 200
    assert len(page.text.splitlines()) == 1
