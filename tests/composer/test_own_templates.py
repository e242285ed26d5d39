"""A person's own templates: made from the typed text or on their page, and visible to nobody else."""

import json
from typing import Any

import pytest
from sqlalchemy import select, text

from b24app.crypto import Secret
from b24app.models import OwnTemplates
from devportal import Portal
from devportal.model.people import Person
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page
from tests.support.machines import ENTRY, machine, problem, told
from tests.support.template_pages import save as save_shared

OWN = {"name": "Mine", "title": "Offer to {card}", "text": "Sent on {today}.", "icon": "document"}


class Writer:
    """Somebody on a card, on the pages of their own templates."""

    def __init__(self, logbook: Logbook, portal: Portal, person: Person, card: str = "1") -> None:
        self.logbook = logbook
        self.page = logbook.send(portal.frame(person, options={"ID": card}))
        self.composer = self.page.form

    def go(self, place: str, **fields: Any) -> Page:
        """A form of theirs, with what every form carries."""
        carried = {name: self.composer[name] for name in ("session", "form_key", "language", "continued")}
        return self.logbook.submit(f"/templates/own{place}", {**carried, **fields})

    def save(self, **fields: Any) -> Page:
        version = str(self.go("/show").one("[data-slot=template-list] input[name=version]")["value"])
        new = str(self.go("/edit").one("[data-editor] input[name=template]")["value"])
        return self.go("/save", **{"version": version, "template": new, **OWN, **fields})

    def names(self) -> list[str]:
        return [name.text.strip() for name in self.go("/show").soup.select(".template-name")]

    def number(self, name: str) -> str:
        row = next(row for row in self.go("/show").soup.select("li.template-row") if name in row.text)
        return str(row.select("button[name=template]")[0]["value"])


@pytest.fixture
def ben(installed: Logbook, portal: Portal) -> Writer:
    return Writer(installed, portal, portal.employee)


def offered(page: Page) -> list[str]:
    return [button.text for button in page.soup.select("button[name=own]")]


def insert(writer: Writer, page: Page, name: str, **words: str) -> Page:
    button = next(one for one in page.soup.select("button[name=own]") if one.text == name)
    return writer.logbook.submit("/templates", {**page.form, **words, "own": str(button["value"])})


def test_one_is_made_changed_moved_inserted_and_removed(ben: Writer, portal: Portal) -> None:
    assert ben.save().outcome == "saved"
    assert "“Second” is among your templates." in ben.save(name="Second", text="{author}", title="").text
    page = Writer(ben.logbook, portal, portal.employee).page
    assert offered(page) == ["Mine", "Second"]
    assert page.one("#own-templates-heading").text == "Your templates"
    filled = insert(ben, page, "Second", text="So:")
    assert (filled.outcome, filled.form["text"]) == ("inserted", "So:\nBen Okafor")

    version = str(ben.go("/show").one("input[name=version]")["value"])
    page = ben.go("/move", move=f"down-{ben.number('Mine')}", version=version)
    assert "“Mine” is no. 2 now." in page.text
    assert ben.names() == ["Second", "Mine"]
    page = ben.go("/edit", template=ben.number("Second"))
    assert page.one("textarea[name=text]").get_text().strip() == "{author}"
    assert ben.save(template=ben.number("Second"), name="Other").outcome == "saved"
    assert ben.names() == ["Other", "Mine"]
    version = str(ben.go("/show").one("input[name=version]")["value"])
    assert "“Mine” is removed." in ben.go("/remove", template=ben.number("Mine"), version=version).text
    assert ben.names() == ["Other"]


def test_what_is_typed_becomes_one_word_for_word(ben: Writer, portal: Portal) -> None:
    typed = {"title": "About {card}", "text": "Two\nlines } {{x}}", "icon": "call"}
    page = ben.logbook.submit("/templates/own/begin", {**ben.composer, **typed})
    assert page.one("form[data-editor]")["data-unsaved"] == "yes"
    assert page.one("input[name=name]")["value"] == "About {card}"
    plain = page.soup.select("[data-editor] input[type=hidden], [data-editor] input[dir=auto]")
    fields = {str(one["name"]): str(one["value"]) for one in plain}
    icon, words = page.one("input[name=icon][checked]")["value"], page.one("textarea").get_text().removeprefix("\n")
    assert ben.logbook.submit("/templates/own/save", {**fields, "icon": icon, "text": words}).outcome == "saved"
    again = insert(ben, Writer(ben.logbook, portal, portal.employee, "2").page, "About {card}", title="", text="")
    assert {name: again.form[name] for name in typed} == typed


def test_nothing_typed_is_lost_on_the_way_there_and_back(ben: Writer, portal: Portal) -> None:
    typed = {"title": "Half a", "text": "thought", "icon": "call", "happened": "2026-01-01T10:00"}
    ben.logbook.submit("/templates/own", {**ben.composer, **typed, "also_on": "3-1", "related": "3-1 Marta Silva"})
    page = ben.go("/back", related="3-1 Marta Silva")
    assert (page.form["title"], page.form["text"], page.form["icon"]) == ("Half a", "thought", "call")
    assert page.one("#happened")["value"] == "2026-01-01T10:00"
    assert page.one("input[name=also_on][checked]")["value"] == "3-1"
    assert page.form["form_key"] == ben.composer["form_key"]
    assert page.soup.select("[data-slot=taken-drafts] button") == [], "it goes on in the same form"
    assert ben.logbook.post(page.form).outcome == "posted"


def test_nobody_else_sees_them(ben: Writer, installed: Logbook, portal: Portal, second: Portal) -> None:
    ben.save(text="Between you and me")
    number = ben.number("Mine")
    others = [Writer(installed, portal, portal.administrator), Writer(installed, second, second.employee)]
    for other in others:
        assert offered(other.page) == other.names() == []
        assert "Between" not in other.go("/edit", template=number).text
        assert installed.submit("/templates", {**other.composer, "own": number}).status == 404
        other.go("/save", **{**OWN, "text": "Theirs"}, template=number, version="0")
        other.go("/remove", template=number, version="1")
    assert ben.names() == ["Mine"]
    assert "Between you and me" not in Admin(installed, portal).go("leave/export").text


def test_they_are_sealed_and_go_with_their_person(ben: Writer, installed: Logbook, portal: Portal) -> None:
    ben.save(text="Between you and me")
    with installed.database() as session:
        raw = str(session.execute(text("SELECT labels, words FROM own_templates")).all())
        assert "Between" not in raw
        assert "Mine" not in raw
        assert "Between you" in str(session.scalars(select(OwnTemplates.words)).one())
    Admin(installed, portal).go("privacy/erase", erased=str(portal.employee.id), is_sure="yes")
    with installed.database() as session:
        assert session.scalars(select(OwnTemplates)).all() == []


@any_database
def test_a_key_that_is_lost_loses_them_and_nothing_more(ben: Writer, installed: Logbook, portal: Portal) -> None:
    ben.save()
    with installed.database() as session:
        session.execute(text("UPDATE own_templates SET labels = 'b1.x', words = 'b1.x'"))
        session.commit()
    assert offered(Writer(installed, portal, portal.employee).page) == []
    assert ben.save(name="Anew").outcome == "saved"
    assert ben.names() == ["Anew"]


def test_another_tab_is_not_overwritten(ben: Writer) -> None:
    new = str(ben.go("/edit").one("[data-editor] input[name=template]")["value"])
    ben.save(name="Of the first tab")
    page = ben.go("/save", **{**OWN, "name": "Of the second"}, template=new, version="0")
    assert (page.status, page.outcome) == (409, "outdated")
    assert page.one("input[name=name]")["value"] == "Of the second"
    assert ben.names() == ["Of the first tab"]
    again = str(page.one("form[data-editor] input[name=version]")["value"])
    assert ben.go("/save", **{**OWN, "name": "Of the second"}, template=new, version=again).outcome == "saved"
    assert ben.names() == ["Of the first tab", "Of the second"]


@any_database
def test_there_are_not_more_than_thirty(ben: Writer, installed: Logbook, portal: Portal) -> None:
    ben.save()
    with installed.database() as session:
        row = session.scalars(select(OwnTemplates)).one()
        (one,) = json.loads(row.words or "")["templates"]
        owner = f"{portal.member_id}/{portal.employee.id}"
        many = {"templates": [{**one, "id": f"own-{number}", "name": f"No. {number}"} for number in range(30)]}
        row.words = Secret(json.dumps(many), owner)
        row.labels = Secret(json.dumps([[t["id"], t["name"], []] for t in many["templates"]]), owner)
        session.commit()
    page = ben.save(name="One more")
    assert (page.status, page.outcome) == (422, "invalid")
    assert "You have 30 templates already, and no more than that." in page.text
    assert page.one("input[name=name]")["value"] == "One more"
    tab = Writer(installed, portal, portal.employee).page
    assert tab.one(".templates summary").text == "More templates (24)"


@any_database
@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"name": ""}, "name", "Give the template a name."),
        ({"title": "{nobody}"}, "title", "There is no placeholder {nobody};"),
        ({"text": "x" * 10_001}, "text", "The text is longer than 10,000 characters."),
        ({"icon": "camera-obscura"}, "icon", "Pick an icon from the list."),
    ],
)
def test_problems_are_shown_at_their_fields(ben: Writer, fields: dict[str, str], field: str, sentence: str) -> None:
    page = ben.save(**fields)
    assert (page.status, page.outcome) == (422, "invalid")
    assert page.one(f"[data-error-for={field}]").text.startswith(sentence)
    assert ben.names() == []


@any_database
def test_thousands_of_kinds_make_no_long_page(ben: Writer) -> None:
    page = ben.go("/preview", **{**OWN, "kinds": [str(number) for number in range(1, 10_000)]})
    assert page.status == 200
    assert len(page.text) < 200_000


def test_a_page_takes_one_request_at_most_and_works_without_an_answer(ben: Writer, portal: Portal) -> None:
    ben.save(text="{field.opportunity}")
    portal.calls.clear()
    page = ben.go("/edit", template=ben.number("Mine"))
    assert [call.method for call in portal.calls] == ["batch"]
    assert page.one("[data-preview] [data-part=text]").text == "€18,400.00"
    assert [str(group["label"]) for group in page.soup.select("optgroup")] == ["Deal"]
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", "batch", times=None)
    page = ben.go("/edit", template=ben.number("Mine"))
    assert page.status == 200
    assert "Bitrix24 does not say which fields these cards have." in page.text


@any_database
@pytest.mark.parametrize("place", ["", "/begin", "/show", "/edit", "/preview", "/save", "/remove", "/move", "/back"])
def test_an_old_session_shows_only_what_was_typed(ben: Writer, place: str) -> None:
    ben.save()
    page = ben.go(place, session="old", title="Typed just now")
    assert (page.status, page.outcome, page.form["title"]) == (401, "expired", "Typed just now")
    assert "Mine" not in page.text


@any_database
def test_html_in_them_is_text_and_kinds_choose_the_cards(ben: Writer, installed: Logbook, portal: Portal) -> None:
    ben.save(name="<i>&amp;</i>", kinds="3")
    assert ben.names() == ["<i>&amp;</i>"]
    assert offered(Writer(installed, portal, portal.employee).page) == []
    frame = portal.frame(portal.employee, "CRM_CONTACT_DETAIL_TAB", {"ID": "1"})
    assert offered(installed.send(frame)) == ["<i>&amp;</i>"]


@any_database
def test_the_composer_links_there_at_its_end_or_beside_its_templates(ben: Writer, portal: Portal) -> None:
    assert ben.page.soup.select(".templates") == []
    assert ben.page.one(".form-end [formtarget]").text == "Save as a template"
    save_shared(Admin(ben.logbook, portal))
    page = Writer(ben.logbook, portal, portal.employee).page
    assert [one.text for one in page.soup.select(".templates [formtarget]")] == [
        "Change your templates",
        "Save as a template",
    ]
    assert "Save as a template" not in page.one(".form-end").text


def test_a_persons_own_key_uses_them_and_no_other_key(ben: Writer, installed: Logbook, portal: Portal) -> None:
    ben.save(title="Order", text="For {company}, {today+1}")
    own = machine(installed, portal, portal.employee)
    (listed,) = told(own.get("/templates"))["templates"]
    assert (listed["name"], listed["values"]) == ("Mine", ["company", "today+1"])
    wanted = {"card": ENTRY["card"], "template": "Mine"}
    assert problem(own.send("POST", "/entries", json=wanted)) == (422, {"values.company"})
    answer = own.send("POST", "/entries", json={**wanted, "values": {"company": "Fairway Ltd"}})
    assert answer.status_code == 202
    assert installed.entries()[-1].text.startswith("For Fairway Ltd, ")
    for other in (machine(installed, portal), machine(installed, portal, is_application=True)):
        assert told(other.get("/templates"))["templates"] == []
        assert problem(other.send("POST", "/entries", json=wanted)) == (422, {"template", "title", "text", "icon"})
