"""The section "Templates"."""

from typing import Any

import pytest
from sqlalchemy import select

from b24app.models import Change, SavedSettings
from devportal import Box, Portal
from tests.conftest import any_database
from tests.support.administrator import Office
from tests.support.attacker import install
from tests.support.logbook import Logbook
from tests.support.template_pages import (
    CONTACT,
    DEAL,
    OFFER,
    error,
    move,
    names,
    offered,
    open_tab,
    save,
    smart,
    stored,
    today,
    typed,
)


@pytest.fixture
def office(installed: Logbook, portal: Portal) -> Office:
    return Office(installed, portal)


class TestShelf:
    """The list of the settings."""

    def test_an_empty_one_says_what_to_do_first(self, office: Office) -> None:
        page = office.go("templates")
        assert page.status == 200
        assert "Prepare a title, a text and an icon once" in page.text
        assert page.one("form[data-slot=shelf] p button").text == "New template"

    @pytest.mark.parametrize("place", ["templates", "templates/edit", "templates/preview", "templates/save"])
    def test_each_page_takes_one_request_to_the_portal(self, office: Office, portal: Portal, place: str) -> None:
        open_tab(office)
        portal.calls.clear()
        assert office.go(place, **OFFER, version="0").status == 200
        assert [call.method for call in portal.calls] == ["batch"]

    def test_one_is_added_changed_and_removed(self, office: Office) -> None:
        assert save(office).outcome == "saved"
        assert names(office) == ["Offer sent"]
        (template,) = stored(office)
        assert template == {**OFFER, "id": template["id"], "kinds": []}

        page = office.go("templates/edit", template=template["id"])
        assert typed(page) == {name: OFFER[name] for name in ("name", "title", "text")}
        page = save(office, template=template["id"], name="Offer", kinds=["2", "3"])
        assert (page.outcome, names(office)) == ("saved", ["Offer"])
        assert "Deal, Contact" in page.one(".shelf-kinds").text

        version = page.one("input[name=version]")["value"]
        page = office.go("templates/remove", template=template["id"], version=version)
        assert (page.outcome, names(office)) == ("saved", [])
        assert "“Offer” is not offered any more." in page.text
        with office.logbook.database() as session:
            assert len(session.scalars(select(Change)).all()) == 3

    def test_they_are_moved_up_and_down(self, office: Office) -> None:
        for name in ("One", "Two", "Three"):
            save(office, name=name)
        page = move(office, office.go("templates"), "up", "Three")
        assert (page.outcome, names(office)) == ("saved", ["One", "Three", "Two"])
        assert "“Three” is no. 2 now." in page.text
        page = move(office, page, "down", "One")
        assert names(office) == ["Three", "One", "Two"]
        assert offered(open_tab(office)) == ["Three", "One", "Two"]
        page = office.submit(
            "/settings/templates/move", {"version": page.one("input[name=version]")["value"], "move": "up-nobody"}
        )
        assert (page.status, names(office)) == (200, ["Three", "One", "Two"])

    def test_there_are_not_more_than_fifty(self, office: Office, installed: Logbook) -> None:
        save(office)
        with installed.database() as session:
            row = session.scalars(select(SavedSettings)).one()
            row.choices = {"templates": [{**row.choices["templates"][0], "id": f"id-{n}"} for n in range(50)]}
            session.commit()
        page = save(office, name="One more")
        assert (page.status, page.outcome) == (422, "invalid")
        assert "There are 50 templates already" in page.text
        assert typed(page)["name"] == "One more"
        assert save(office, template="id-7", name="Changed").outcome == "saved"

    def test_html_in_names_is_text(self, office: Office) -> None:
        page = save(office, name="<i>&amp;</i>", title="<b>{card}</b>", text="<script>x</script>")
        assert names(office) == ["<i>&amp;</i>"]
        page = office.go("templates/edit", template=stored(office)[0]["id"])
        assert page.one("[data-preview] [data-part=text]").text == "<script>x</script>"
        assert offered(open_tab(office)) == ["<i>&amp;</i>"]
        assert page.soup.select("script:not([src])") == []


@any_database
class TestJudgement:
    """What may not be saved is said, and still stands in the form."""

    @pytest.mark.parametrize(
        ("fields", "field", "sentence"),
        [
            ({"name": " \n"}, "name", "Give the template a name."),
            ({"name": "x" * 61}, "name", "The name is longer than 60 characters."),
            ({"title": "", "text": ""}, "text", "Write a title or a text."),
            ({"title": "x" * 200_000}, "title", "The title is longer than 255 characters."),
            ({"text": "x" * 10_001}, "text", "The text is longer than 10,000 characters."),
            ({"title": "a\tb"}, "title", "The title contains an invisible control character"),
            (
                {"title": "For {name}"},
                "title",
                "There is no placeholder {name}; there are {card}, {number}, {author}, {today}.",
            ),
            ({"text": "{" + "x" * 9000 + "}"}, "text", "There is no placeholder {" + "x" * 39 + "…;"),
            ({"text": "function () { return"}, "text", "For a single brace, write two: {{ or }}."),
            ({"title": "{card}" * 3}, "title", "With its placeholders filled in, this could become longer than 255"),
            ({"text": "{card}" * 40}, "text", "With its placeholders filled in, this could become longer than 10,000"),
            ({"icon": "camera-obscura"}, "icon", "Pick an icon from the list."),
            ({"kinds": ["2", "9999"]}, "kinds", "Pick kinds of cards from the list."),
        ],
    )
    def test_it_is_said_where_it_is(self, office: Office, fields: dict[str, Any], field: str, sentence: str) -> None:
        page = save(office, **fields)
        assert (page.status, page.outcome) == (422, "invalid")
        assert error(page, field).startswith(sentence)
        expected = {**{name: OFFER[name] for name in ("name", "title", "text")}, **fields}
        assert typed(page) == {name: expected[name].strip() for name in ("name", "title", "text")}
        assert stored(office) == []

    def test_a_megabyte_is_refused_as_a_whole(self, office: Office) -> None:
        page = save(office, title="x" * 1024 * 1024)
        assert (page.status, page.refusal) == (413, "too-large")
        assert stored(office) == []

    def test_of_two_administrators_the_second_is_told_and_keeps_his_words(self, office: Office) -> None:
        version = office.go("templates").one("input[name=version]")["value"]
        save(office, name="Of the first")
        mine = {**OFFER, "name": "Of the second", "template": "second-one"}
        page = office.go("templates/save", **mine, version=version)
        assert (page.status, page.outcome) == (409, "outdated")
        assert typed(page)["name"] == "Of the second"
        assert names(office) == ["Of the first"]
        again = page.one("form[data-workbench] input[name=version]")["value"]
        assert office.go("templates/save", **mine, version=again).outcome == "saved"
        assert names(office) == ["Of the first", "Of the second"]

    @pytest.mark.parametrize("place", ["templates/preview", "templates/save"])
    def test_a_look_or_a_mistake_in_between_does_not_make_an_old_form_new(self, office: Office, place: str) -> None:
        save(office, name="Of the first")
        page = office.go(place, **{**OFFER, "name": ""}, version="0")
        assert page.one("form[data-workbench] input[name=version]")["value"] == "0"

    def test_an_old_list_moves_and_removes_nothing(self, office: Office) -> None:
        save(office, name="One")
        old = save(office, name="Two")
        save(office, name="Three")
        assert move(office, old, "down", "One").outcome == "outdated"
        version = old.one("input[name=version]")["value"]
        page = office.go("templates/remove", template=stored(office)[0]["id"], version=version)
        assert (page.status, page.outcome) == (409, "outdated")
        assert names(office) == ["One", "Two", "Three"]

    def test_one_that_a_colleague_has_removed_is_said_to_be_gone(self, office: Office) -> None:
        save(office, name="Stays")
        save(office, name="Goes")
        template = stored(office)[1]["id"]
        office.go("templates/remove", template=template, version="2")
        page = office.go("templates/edit", template=template)
        assert (page.status, page.heading, names(office)) == (404, "Templates", ["Stays"])
        assert page.one("[data-outcome] h2").text == "There is no such template"
        assert "An administrator has changed the templates" in page.one("[data-outcome]").text

    def test_the_same_form_sent_twice_makes_one(self, office: Office) -> None:
        page = office.go("templates/edit")
        form = {**OFFER, "version": "0", "template": str(page.one("[data-workbench] [name=template]")["value"])}
        assert office.go("templates/save", **form).outcome == "saved"
        page = office.go("templates/save", **form)
        assert page.outcome == "outdated"
        again = page.one("form[data-workbench] input[name=version]")["value"]
        office.go("templates/save", **{**form, "version": again})
        assert names(office) == ["Offer sent"]

    def test_another_portals_template_is_none_here(self, office: Office, box: Box, installed: Logbook) -> None:
        second = box.add_portal(kind="on-premise", name="Workshop")
        install(installed, second)
        foreign = Office(installed, second)
        save(foreign, name="Theirs", text="Secret of {card}")
        theirs = stored(foreign)[0]["id"]
        assert "Secret" not in office.go("templates/edit", template=theirs).text
        office.go("templates/remove", template=theirs, version="1")
        office.go("templates/move", move=f"down-{theirs}", version="1")
        save(office, template=theirs, name="Ours")
        assert names(foreign) == ["Theirs"]
        assert names(office) == ["Ours"]


@any_database
class TestExample:
    """The preview has real values."""

    def preview(self, office: Office, **fields: Any) -> tuple[str, str]:
        page = office.go("templates/preview", **{**OFFER, **fields}, version="0")
        assert (page.status, page.outcome) == (200, None)
        return (
            page.one("[data-preview] [data-part=title]").text,
            page.one("[data-preview] [data-part=text]").text,
        )

    def write(self, office: Office, placement: str, card: str) -> None:
        page = open_tab(office, placement, card)
        assert office.logbook.post({**page.form, "icon": "call", "title": "x", "text": "x"}).outcome == "posted"

    def test_the_administrators_name_today_and_the_card_on_which_somebody_wrote_last(self, office: Office) -> None:
        self.write(office, "CRM_DEAL_DETAIL_TAB", "1")
        self.write(office, "CRM_CONTACT_DETAIL_TAB", "1")
        title, text = self.preview(office, kinds=["2"])
        assert title == "Offer to Bakery ovens, second branch"
        assert text == f"Sent by Anna Keller on {today('Europe/Berlin')}."
        contact = office.portal.state.items[CONTACT][1].values
        assert self.preview(office)[0] == f"Offer to {contact['name']} {contact['lastName']}"
        assert "made up" not in office.page.text

    def test_an_order_has_only_its_number(self, office: Office) -> None:
        self.write(office, "CRM_ORDER_DETAIL_TAB", "1")
        assert self.preview(office, kinds=["14"])[0] == "Offer to Order 1"

    def test_where_there_is_no_such_card_its_name_is_made_up(self, office: Office) -> None:
        for kinds, name in (([], "Deal 1"), ([CONTACT], "Contact 1"), ([smart(office)], "Onboarding projects 1")):
            assert self.preview(office, kinds=kinds)[0] == f"Offer to {name}"
            assert "The card’s name is made up here" in office.page.text

    def test_a_card_that_is_gone_costs_only_its_name(self, office: Office) -> None:
        self.write(office, "CRM_DEAL_DETAIL_TAB", "1")
        office.portal.remove_item(DEAL, 1)
        assert self.preview(office)[0] == "Offer to Deal 1"

    def test_it_follows_the_rules_of_the_timeline(self, office: Office) -> None:
        assert self.preview(office, title="&lt;{number}&gt;", text="a\nb") == ("<1>", "a b")
        hints = {str(hint["data-loss"]) for hint in office.page.soup.select("[data-loss]:not([hidden])")}
        assert hints == {"breaks", "entities"}

    def test_an_unknown_placeholder_stays_as_it_was_typed(self, office: Office) -> None:
        assert self.preview(office, title="{nobody}")[0] == "{nobody}"
