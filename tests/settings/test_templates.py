"""The section "Templates"."""

from typing import Any

import pytest
from sqlalchemy import select

from b24app.models import Change, SavedSettings
from devportal import Box, Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
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
def admin(installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


class TestList:
    """The list of the settings."""

    def test_an_empty_one_says_what_to_do_first(self, admin: Admin) -> None:
        page = admin.go("templates")
        assert page.status == 200
        assert "Prepare a title, a text and an icon once" in page.text
        assert page.one("form[data-slot=template-list] p button").text == "New template"

    @pytest.mark.parametrize("place", ["templates", "templates/edit", "templates/preview", "templates/save"])
    def test_each_page_takes_one_request_to_the_portal(self, admin: Admin, portal: Portal, place: str) -> None:
        open_tab(admin)
        portal.calls.clear()
        assert admin.go(place, **OFFER, version="0").status == 200
        assert [call.method for call in portal.calls] == ["batch"]

    def test_one_is_added_changed_and_removed(self, admin: Admin) -> None:
        assert save(admin).outcome == "saved"
        assert names(admin) == ["Offer sent"]
        (template,) = stored(admin)
        assert template == {**OFFER, "id": template["id"], "kinds": []}

        page = admin.go("templates/edit", template=template["id"])
        assert typed(page) == {name: OFFER[name] for name in ("name", "title", "text")}
        page = save(admin, template=template["id"], name="Offer", kinds=["2", "3"])
        assert (page.outcome, names(admin)) == ("saved", ["Offer"])
        assert "Deal, Contact" in page.one(".template-kinds").text

        version = page.one("input[name=version]")["value"]
        page = admin.go("templates/remove", template=template["id"], version=version)
        assert (page.outcome, names(admin)) == ("saved", [])
        assert "“Offer” is not offered any more." in page.text
        with admin.logbook.database() as session:
            assert len(session.scalars(select(Change)).all()) == 3

    def test_they_are_moved_up_and_down(self, admin: Admin) -> None:
        for name in ("One", "Two", "Three"):
            save(admin, name=name)
        page = move(admin, admin.go("templates"), "up", "Three")
        assert (page.outcome, names(admin)) == ("saved", ["One", "Three", "Two"])
        assert "“Three” is no. 2 now." in page.text
        page = move(admin, page, "down", "One")
        assert names(admin) == ["Three", "One", "Two"]
        assert offered(open_tab(admin)) == ["Three", "One", "Two"]
        page = admin.submit(
            "/settings/templates/move", {"version": page.one("input[name=version]")["value"], "move": "up-nobody"}
        )
        assert (page.status, names(admin)) == (200, ["Three", "One", "Two"])

    def test_there_are_not_more_than_fifty(self, admin: Admin, installed: Logbook) -> None:
        save(admin)
        with installed.database() as session:
            row = session.scalars(select(SavedSettings)).one()
            row.choices = {"templates": [{**row.choices["templates"][0], "id": f"id-{n}"} for n in range(50)]}
            session.commit()
        page = save(admin, name="One more")
        assert (page.status, page.outcome) == (422, "invalid")
        assert "There are 50 templates already" in page.text
        assert typed(page)["name"] == "One more"
        assert save(admin, template="id-7", name="Changed").outcome == "saved"

    def test_html_in_names_is_text(self, admin: Admin) -> None:
        page = save(admin, name="<i>&amp;</i>", title="<b>{card}</b>", text="<script>x</script>")
        assert names(admin) == ["<i>&amp;</i>"]
        page = admin.go("templates/edit", template=stored(admin)[0]["id"])
        assert page.one("[data-preview] [data-part=text]").text == "<script>x</script>"
        assert offered(open_tab(admin)) == ["<i>&amp;</i>"]
        assert page.soup.select("script:not([src])") == []


@any_database
class TestJudgement:
    """The page says what cannot be saved, and keeps it in the form."""

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
                "There is no placeholder {name}; there are {card}, {number}, {author}, {today}, {responsible}, ",
            ),
            ({"text": "{" + "x" * 9000 + "}"}, "text", "There is no placeholder {" + "x" * 39 + "…;"),
            ({"text": "function () { return"}, "text", "For a single brace, write two: {{ or }}."),
            ({"title": "{card}" * 3}, "title", "With its placeholders filled in, this could become longer than 255"),
            ({"text": "{card}" * 40}, "text", "With its placeholders filled in, this could become longer than 10,000"),
            ({"icon": "camera-obscura"}, "icon", "Pick an icon from the list."),
            ({"kinds": ["2", "9999"]}, "kinds", "Pick kinds of cards from the list."),
        ],
    )
    def test_it_is_said_where_it_is(self, admin: Admin, fields: dict[str, Any], field: str, sentence: str) -> None:
        page = save(admin, **fields)
        assert (page.status, page.outcome) == (422, "invalid")
        assert error(page, field).startswith(sentence)
        expected = {**{name: OFFER[name] for name in ("name", "title", "text")}, **fields}
        assert typed(page) == {name: expected[name].strip() for name in ("name", "title", "text")}
        assert stored(admin) == []

    def test_a_megabyte_is_refused_as_a_whole(self, admin: Admin) -> None:
        page = save(admin, title="x" * 1024 * 1024)
        assert (page.status, page.refusal) == (413, "too-large")
        assert stored(admin) == []

    def test_the_second_of_two_administrators_is_warned_and_keeps_the_text(self, admin: Admin) -> None:
        version = admin.go("templates").one("input[name=version]")["value"]
        save(admin, name="Of the first")
        mine = {**OFFER, "name": "Of the second", "template": "second-one"}
        page = admin.go("templates/save", **mine, version=version)
        assert (page.status, page.outcome) == (409, "outdated")
        assert typed(page)["name"] == "Of the second"
        assert names(admin) == ["Of the first"]
        again = page.one("form[data-editor] input[name=version]")["value"]
        assert admin.go("templates/save", **mine, version=again).outcome == "saved"
        assert names(admin) == ["Of the first", "Of the second"]

    @pytest.mark.parametrize("place", ["templates/preview", "templates/save"])
    def test_a_look_or_a_mistake_in_between_does_not_make_an_old_form_new(self, admin: Admin, place: str) -> None:
        save(admin, name="Of the first")
        page = admin.go(place, **{**OFFER, "name": ""}, version="0")
        assert page.one("form[data-editor] input[name=version]")["value"] == "0"

    def test_an_old_list_moves_and_removes_nothing(self, admin: Admin) -> None:
        save(admin, name="One")
        old = save(admin, name="Two")
        save(admin, name="Three")
        assert move(admin, old, "down", "One").outcome == "outdated"
        version = old.one("input[name=version]")["value"]
        page = admin.go("templates/remove", template=stored(admin)[0]["id"], version=version)
        assert (page.status, page.outcome) == (409, "outdated")
        assert names(admin) == ["One", "Two", "Three"]

    def test_a_template_that_a_colleague_removed_is_reported_as_missing(self, admin: Admin) -> None:
        save(admin, name="Stays")
        save(admin, name="Goes")
        template = stored(admin)[1]["id"]
        admin.go("templates/remove", template=template, version="2")
        page = admin.go("templates/edit", template=template)
        assert (page.status, page.heading, names(admin)) == (404, "Templates", ["Stays"])
        assert page.one("[data-outcome] h2").text == "There is no such template"
        assert "The templates have changed" in page.one("[data-outcome]").text

    def test_the_same_form_sent_twice_makes_one(self, admin: Admin) -> None:
        page = admin.go("templates/edit")
        form = {**OFFER, "version": "0", "template": str(page.one("[data-editor] [name=template]")["value"])}
        assert admin.go("templates/save", **form).outcome == "saved"
        page = admin.go("templates/save", **form)
        assert page.outcome == "outdated"
        again = page.one("form[data-editor] input[name=version]")["value"]
        admin.go("templates/save", **{**form, "version": again})
        assert names(admin) == ["Offer sent"]

    def test_another_portals_template_is_none_here(self, admin: Admin, box: Box, installed: Logbook) -> None:
        second = box.add_portal(kind="on-premise", name="Workshop")
        install(installed, second)
        foreign = Admin(installed, second)
        save(foreign, name="Theirs", text="Secret of {card}")
        theirs = stored(foreign)[0]["id"]
        assert "Secret" not in admin.go("templates/edit", template=theirs).text
        admin.go("templates/remove", template=theirs, version="1")
        admin.go("templates/move", move=f"down-{theirs}", version="1")
        save(admin, template=theirs, name="Ours")
        assert names(foreign) == ["Theirs"]
        assert names(admin) == ["Ours"]


@any_database
class TestExample:
    """The preview has real values."""

    def preview(self, admin: Admin, **fields: Any) -> tuple[str, str]:
        page = admin.go("templates/preview", **{**OFFER, **fields}, version="0")
        assert (page.status, page.outcome) == (200, None)
        return (
            page.one("[data-preview] [data-part=title]").text,
            page.one("[data-preview] [data-part=text]").text,
        )

    def write(self, admin: Admin, placement: str, card: str) -> None:
        page = open_tab(admin, placement, card)
        assert admin.logbook.post({**page.form, "icon": "call", "title": "x", "text": "x"}).outcome == "posted"

    def test_the_administrators_name_today_and_the_card_on_which_somebody_wrote_last(self, admin: Admin) -> None:
        self.write(admin, "CRM_DEAL_DETAIL_TAB", "1")
        self.write(admin, "CRM_CONTACT_DETAIL_TAB", "1")
        title, text = self.preview(admin, kinds=["2"])
        assert title == "Offer to Bakery ovens, second branch"
        assert text == f"Sent by Anna Keller on {today('Europe/Berlin')}."
        contact = admin.portal.state.items[CONTACT][1].values
        assert self.preview(admin)[0] == f"Offer to {contact['name']} {contact['lastName']}"
        assert "made up" not in admin.page.text

    def test_an_order_has_only_its_number(self, admin: Admin) -> None:
        self.write(admin, "CRM_ORDER_DETAIL_TAB", "1")
        assert self.preview(admin, kinds=["14"])[0] == "Offer to Order 1"

    def test_where_there_is_no_such_card_its_name_is_made_up(self, admin: Admin) -> None:
        for kinds, name in (([], "Deal 1"), ([CONTACT], "Contact 1"), ([smart(admin)], "Onboarding projects 1")):
            assert self.preview(admin, kinds=kinds)[0] == f"Offer to {name}"
            assert "The card’s name is made up here" in admin.page.text

    def test_a_card_that_is_gone_costs_only_its_name(self, admin: Admin) -> None:
        self.write(admin, "CRM_DEAL_DETAIL_TAB", "1")
        admin.portal.remove_item(DEAL, 1)
        assert self.preview(admin)[0] == "Offer to Deal 1"

    def test_it_follows_the_rules_of_the_timeline(self, admin: Admin) -> None:
        assert self.preview(admin, title="&lt;{number}&gt;", text="a\nb") == ("<1>", "a b")
        hints = {str(hint["data-loss"]) for hint in admin.page.soup.select("[data-loss]:not([hidden])")}
        assert hints == {"breaks", "entities"}

    def test_an_unknown_placeholder_stays_as_it_was_typed(self, admin: Admin) -> None:
        assert self.preview(admin, title="{nobody}")[0] == "{nobody}"
