"""The templates in the composer: offered by kind of card, filled in by one press."""

import gzip

import pytest
from sqlalchemy import select

from b24app.models import Portal as PortalRow
from b24app.models import SavedSettings
from devportal import Box, Portal
from tests.conftest import any_database
from tests.support.administrator import Office
from tests.support.attacker import install
from tests.support.logbook import Logbook
from tests.support.template_pages import DEAL, insert, offered, open_tab, save, smart, stored, today

pytestmark = any_database


@pytest.fixture
def office(installed: Logbook, portal: Portal) -> Office:
    return Office(installed, portal)


class TestComposer:
    """POST /templates"""

    def test_one_press_fills_the_form(self, office: Office, portal: Portal) -> None:
        save(office, title="{card} ({number})")
        page = open_tab(office)
        portal.calls.clear()
        page = insert(office, page)
        assert (page.status, page.outcome) == (200, "inserted")
        assert "Inserted: Offer sent" in page.one("[role=status]").text
        assert page.form["title"] == "Bakery ovens, second branch (1)"
        assert page.form["text"] == f"Sent by Ben Okafor on {today('Europe/London')}."
        assert page.form["icon"] == "document"
        assert list(portal.calls) == []
        assert open_tab(office).form["title"] == "Bakery ovens, second branch (1)", "it is kept as a draft"

    def test_what_is_inserted_can_be_changed_and_posted(self, office: Office, portal: Portal) -> None:
        save(office)
        page = insert(office, open_tab(office))
        assert office.logbook.post(page.form, title="Second offer").outcome == "posted"
        (entry,) = portal.timeline(DEAL, 1)
        assert (entry.title, entry.icon_code) == ("Second offer", "document")
        assert entry.text == f"Sent by Ben Okafor on {today('Europe/London')}."

    def test_nothing_that_stands_there_is_lost(self, office: Office) -> None:
        save(office)
        page = insert(office, open_tab(office), title="Mine", text="My words\r\nin two lines", icon="call")
        assert page.form["title"] == "Mine"
        assert page.form["text"].split("\n")[:2] == ["My words", "in two lines"]
        assert page.form["text"].split("\n")[2].startswith("Sent by Ben Okafor")
        assert "Your title stays as it was." in page.one("[data-outcome]").text

    def test_pressed_twice_it_is_there_once(self, office: Office) -> None:
        save(office)
        once = insert(office, open_tab(office), text="Mine")
        twice = insert(office, once)
        assert twice.form["text"] == once.form["text"]
        assert "The text stands there already." in twice.one("[data-outcome]").text

    def test_one_without_a_title_or_an_icon_leaves_them(self, office: Office) -> None:
        save(office, title="", icon="", text="{{card}}")
        page = insert(office, open_tab(office), title="", icon="call")
        assert (page.form["title"], page.form["text"], page.form["icon"]) == ("", "{card}", "call")
        assert page.one("[data-outcome] p").text == ""

    @pytest.mark.parametrize("name", ["{author} {{today}}", "👩‍👩‍👧 <b>&amp;", "\u202eabc\u2066", "x" * 300, "a\nb\tc"])
    def test_a_card_may_be_called_anything(self, office: Office, portal: Portal, name: str) -> None:
        save(office, title="{card}", text="{card}.")
        card = str(portal.add_item(DEAL, title=name))
        page = insert(office, open_tab(office, card=card))
        shown = name.replace("\u202e", "").replace("\u2066", "").replace("\n", " ").replace("\t", " ")
        assert page.form["text"] == f"{shown[:255]}."
        assert page.form["title"] == (f"{shown[:99]}…" if len(shown) > 100 else shown)
        assert office.logbook.post(page.form).outcome == "posted"

    @pytest.mark.parametrize("icon", ["camera", "whatsapp"])
    def test_a_lost_icon_leaves_the_one_that_is_chosen(self, office: Office, portal: Portal, icon: str) -> None:
        save(office, icon=icon)
        portal.icons.system_codes.remove(icon)
        page = insert(office, open_tab(office), icon="call")
        assert page.form["icon"] == "call"
        assert "Its icon is not offered any more, so yours stays." in page.one("[data-outcome]").text
        assert "Its icon is not offered any more" in office.go("templates").one(".shelf-lost").text
        template = stored(office)[0]
        page = office.go("templates/edit", template=template["id"])
        assert page.one("input[name=icon][checked]")["value"] == icon
        assert "Its icon is not offered any more" in page.one(".shelf-lost").text
        assert save(office, template=template["id"], icon=icon, name="Still").outcome == "saved"

    def test_so_does_one_that_the_administrator_hides(self, office: Office) -> None:
        save(office)
        page = open_tab(office)
        with office.logbook.database() as session:
            portal = session.scalars(select(PortalRow)).one()
            session.add(
                SavedSettings(portal_id=portal.id, section="icons", version=1, choices={"hidden": ["document"]})
            )
            session.commit()
        assert insert(office, page, icon="call").form["icon"] == "call"
        assert "Its icon is not offered any more" in office.go("templates").one(".shelf-lost").text

    def test_each_kind_of_card_has_its_own(self, office: Office, portal: Portal) -> None:
        page = office.go("templates/edit")
        kinds = {label.text.strip(): str(label.input["value"]) for label in page.soup.select("#kinds label")}  # type: ignore[index]
        assert kinds["Onboarding projects"] == str(smart(office))
        save(office, name="Everywhere")
        save(office, name="Sales", kinds=[kinds["Deal"], kinds["Contact"]])
        save(office, name="Projects", kinds=[kinds["Onboarding projects"]])
        assert offered(open_tab(office)) == ["Everywhere", "Sales"]
        assert offered(open_tab(office, "CRM_CONTACT_DETAIL_TAB")) == ["Everywhere", "Sales"]
        assert offered(open_tab(office, "CRM_COMPANY_DETAIL_TAB")) == ["Everywhere"]
        assert offered(open_tab(office, f"CRM_DYNAMIC_{smart(office)}_DETAIL_TAB")) == ["Everywhere", "Projects"]
        rows = [row.text for row in office.go("templates").soup.select(".shelf-kinds")]
        assert rows == ["Every kind of card", "Deal, Contact", "Onboarding projects"]

    def test_a_kind_that_is_gone_is_kept_and_named_by_its_number(self, office: Office, portal: Portal) -> None:
        type_id = portal.add_type("Repairs")
        save(office, kinds=[str(type_id)])
        portal.remove_type(type_id)
        page = office.go("templates/edit", template=stored(office)[0]["id"])
        assert f"Smart process {type_id}" in page.one("#kinds label:has([checked])").text
        save(office, template=stored(office)[0]["id"], kinds=[str(type_id)])
        assert stored(office)[0]["kinds"] == [type_id]

    @pytest.mark.parametrize(
        ("zone", "language", "locale"),
        [("Pacific/Kiritimati", "de", "de"), ("Pacific/Pago_Pago", "ar", "ar"), ("Asia/Tokyo", "ja", "ja")],
    )
    def test_today_is_the_writers_day_in_his_language(
        self, office: Office, portal: Portal, zone: str, language: str, locale: str
    ) -> None:
        save(office, text="{today}")
        portal.employee.time_zone, portal.employee.language = zone, language
        assert insert(office, open_tab(office)).form["text"] == today(zone, locale)

    def test_one_that_is_gone_or_never_was_is_said_so(self, office: Office, box: Box, portal: Portal) -> None:
        second = box.add_portal(kind="on-premise", name="Workshop")
        install(office.logbook, second)
        foreign = Office(office.logbook, second)
        save(foreign, text="Secret of theirs")
        save(office, name="For contacts", kinds=["3"])
        page = open_tab(office)
        for template_id in (stored(foreign)[0]["id"], stored(office)[0]["id"], "", "x" * 5000):
            form = {**page.form, "title": "Mine", "text": "too", "template": template_id}
            answer = office.logbook.submit("/templates", form)
            assert (answer.status, answer.outcome) == (404, "failed")
            assert (answer.form["title"], answer.form["text"]) == ("Mine", "too")
            assert "Secret" not in answer.text

    def test_an_old_session_keeps_the_words(self, office: Office) -> None:
        save(office)
        form = {**open_tab(office).form, "session": "old", "title": "Mine", "template": stored(office)[0]["id"]}
        page = office.logbook.submit("/templates", form)
        assert (page.status, page.outcome, page.form["title"]) == (401, "expired", "Mine")

    def test_enter_in_a_field_still_posts(self, office: Office) -> None:
        save(office)
        first = open_tab(office).soup.select("form button")[0]
        assert not first.has_attr("formaction")

    def test_many_are_a_list_that_opens_and_their_words_are_not_in_the_page(self, office: Office) -> None:
        before = len(gzip.compress(open_tab(office).text.encode()))
        save(office, text="Words of the template")
        with office.logbook.database() as session:
            row = session.scalars(select(SavedSettings)).one()
            (one,) = row.choices["templates"]
            row.choices = {
                "templates": [{**one, "id": f"id-{n}", "name": f"Template no. {n} of very many"} for n in range(50)]
            }
            session.commit()
        page = open_tab(office)
        assert len(page.soup.select("form .templates > ul button")) == 6
        assert page.one(".templates summary").text == "More templates (44)"
        assert len(page.soup.select(".templates details button")) == 44
        assert "Words of the template" not in page.text
        assert len(gzip.compress(page.text.encode())) < before + 2000
        assert insert(office, page, offered(page)[-1]).outcome == "inserted"

    def test_one_who_may_not_write_gets_none(self, office: Office) -> None:
        save(office)
        page = open_tab(office)
        with office.logbook.database() as session:
            portal = session.scalars(select(PortalRow)).one()
            choices = {"who": "administrators", "people": []}
            session.add(SavedSettings(portal_id=portal.id, section="writers", version=1, choices=choices))
            session.commit()
        assert offered(open_tab(office)) == []
        page = insert(office, page, text="Mine")
        assert (page.status, page.outcome) == (403, "refused")
        assert page.form["text"] == "Mine"

    def test_opening_the_tab_takes_one_request(self, office: Office, portal: Portal) -> None:
        save(office)
        portal.calls.clear()
        open_tab(office)
        assert [call.method for call in portal.calls] == ["batch"]

    def test_without_templates_there_is_nothing_of_them(self, office: Office) -> None:
        page = open_tab(office)
        assert page.soup.select(".templates") == []
