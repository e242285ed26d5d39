"""Templates in the composer: offered by kind of card, inserted with one press."""

import gzip

import pytest
from sqlalchemy import select

from b24app.models import Portal as PortalRow
from b24app.models import SavedSettings
from devportal import Box, Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.attacker import install
from tests.support.logbook import Logbook
from tests.support.template_pages import DEAL, insert, offered, open_tab, save, smart, stored, today

pytestmark = any_database


@pytest.fixture
def admin(installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


class TestComposer:
    """POST /templates"""

    def test_one_press_fills_the_form(self, admin: Admin, portal: Portal) -> None:
        save(admin, title="{card} ({number})")
        page = open_tab(admin)
        portal.calls.clear()
        page = insert(admin, page)
        assert (page.status, page.outcome) == (200, "inserted")
        assert "Inserted: Offer sent" in page.one("[role=status]").text
        assert page.form["title"] == "Bakery ovens, second branch (1)"
        assert page.form["text"] == f"Sent by Ben Okafor on {today('Europe/London')}."
        assert page.form["icon"] == "document"
        assert list(portal.calls) == []
        assert open_tab(admin).form["title"] == "Bakery ovens, second branch (1)", "it is kept as a draft"

    def test_what_is_inserted_can_be_changed_and_posted(self, admin: Admin, portal: Portal) -> None:
        save(admin)
        page = insert(admin, open_tab(admin))
        assert admin.logbook.post(page.form, title="Second offer").outcome == "posted"
        (entry,) = portal.timeline(DEAL, 1)
        assert (entry.title, entry.icon_code) == ("Second offer", "document")
        assert entry.text == f"Sent by Ben Okafor on {today('Europe/London')}."

    def test_existing_text_is_never_lost(self, admin: Admin) -> None:
        save(admin)
        page = insert(admin, open_tab(admin), title="Mine", text="My words\r\nin two lines", icon="call")
        assert page.form["title"] == "Mine"
        assert page.form["text"].split("\n")[:2] == ["My words", "in two lines"]
        assert page.form["text"].split("\n")[2].startswith("Sent by Ben Okafor")
        assert "Your title stays as it was." in page.one("[data-outcome]").text

    def test_pressed_twice_it_is_there_once(self, admin: Admin) -> None:
        save(admin)
        once = insert(admin, open_tab(admin), text="Mine")
        twice = insert(admin, once)
        assert twice.form["text"] == once.form["text"]
        assert "The text is there already." in twice.one("[data-outcome]").text

    def test_one_without_a_title_or_an_icon_leaves_them(self, admin: Admin) -> None:
        save(admin, title="", icon="", text="{{card}}")
        page = insert(admin, open_tab(admin), title="", icon="call")
        assert (page.form["title"], page.form["text"], page.form["icon"]) == ("", "{card}", "call")
        assert page.one("[data-outcome] p").text == ""

    @pytest.mark.parametrize("name", ["{author} {{today}}", "👩‍👩‍👧 <b>&amp;", "\u202eabc\u2066", "x" * 300, "a\nb\tc"])
    def test_a_card_may_be_called_anything(self, admin: Admin, portal: Portal, name: str) -> None:
        save(admin, title="{card}", text="{card}.")
        card = str(portal.add_item(DEAL, title=name))
        page = insert(admin, open_tab(admin, card=card))
        shown = name.replace("\u202e", "").replace("\u2066", "").replace("\n", " ").replace("\t", " ")
        assert page.form["text"] == f"{shown[:255]}."
        assert page.form["title"] == (f"{shown[:99]}…" if len(shown) > 100 else shown)
        assert admin.logbook.post(page.form).outcome == "posted"

    @pytest.mark.parametrize("icon", ["camera", "whatsapp"])
    def test_a_lost_icon_leaves_the_one_that_is_chosen(self, admin: Admin, portal: Portal, icon: str) -> None:
        save(admin, icon=icon)
        portal.icons.system_codes.remove(icon)
        page = insert(admin, open_tab(admin), icon="call")
        assert page.form["icon"] == "call"
        assert "Its icon is not offered any more, so yours stays." in page.one("[data-outcome]").text
        assert "Its icon is not offered any more" in admin.go("templates").one(".template-lost").text
        template = stored(admin)[0]
        page = admin.go("templates/edit", template=template["id"])
        assert page.one("input[name=icon][checked]")["value"] == icon
        assert "Its icon is not offered any more" in page.one(".template-lost").text
        assert save(admin, template=template["id"], icon=icon, name="Still").outcome == "saved"

    def test_so_does_one_that_the_administrator_hides(self, admin: Admin) -> None:
        save(admin)
        page = open_tab(admin)
        with admin.logbook.database() as session:
            portal = session.scalars(select(PortalRow)).one()
            session.add(
                SavedSettings(portal_id=portal.id, section="icons", version=1, choices={"hidden": ["document"]})
            )
            session.commit()
        assert insert(admin, page, icon="call").form["icon"] == "call"
        assert "Its icon is not offered any more" in admin.go("templates").one(".template-lost").text

    def test_each_kind_of_card_has_its_own(self, admin: Admin, portal: Portal) -> None:
        page = admin.go("templates/edit")
        labels = page.soup.select("#kinds label")
        kinds = {label.text.strip(): label.find_next("input")["value"] for label in labels}
        assert kinds["Onboarding projects"] == str(smart(admin))
        save(admin, name="Everywhere")
        save(admin, name="Sales", kinds=[kinds["Deal"], kinds["Contact"]])
        save(admin, name="Projects", kinds=[kinds["Onboarding projects"]])
        assert offered(open_tab(admin)) == ["Everywhere", "Sales"]
        assert offered(open_tab(admin, "CRM_CONTACT_DETAIL_TAB")) == ["Everywhere", "Sales"]
        assert offered(open_tab(admin, "CRM_COMPANY_DETAIL_TAB")) == ["Everywhere"]
        assert offered(open_tab(admin, f"CRM_DYNAMIC_{smart(admin)}_DETAIL_TAB")) == ["Everywhere", "Projects"]
        rows = [row.text for row in admin.go("templates").soup.select(".template-kinds")]
        assert rows == ["Every kind of card", "Deal, Contact", "Onboarding projects"]

    def test_a_deleted_kind_stays_and_is_named_by_its_number(self, admin: Admin, portal: Portal) -> None:
        type_id = portal.add_type("Repairs")
        save(admin, kinds=[str(type_id)])
        portal.remove_type(type_id)
        page = admin.go("templates/edit", template=stored(admin)[0]["id"])
        assert f"Smart process {type_id}" in page.one("#kinds label:has([checked])").text
        save(admin, template=stored(admin)[0]["id"], kinds=[str(type_id)])
        assert stored(admin)[0]["kinds"] == [type_id]

    @pytest.mark.parametrize(
        ("zone", "language", "locale"),
        [
            *[("Pacific/Kiritimati", "de", "de"), ("Pacific/Pago_Pago", "ar", "ar"), ("Asia/Tokyo", "ja", "ja")],
        ],
    )
    def test_today_is_the_writers_day_in_his_language(
        self, admin: Admin, portal: Portal, zone: str, language: str, locale: str
    ) -> None:
        save(admin, text="{today}")
        portal.employee.time_zone, portal.employee.language = zone, language
        assert insert(admin, open_tab(admin)).form["text"] == today(zone, locale)

    @pytest.mark.parametrize(("hours", "zone"), [(14, "Pacific/Kiritimati"), (-11, "Pacific/Pago_Pago")])
    def test_today_follows_the_offset_of_a_zone_that_is_set_automatically(
        self, admin: Admin, portal: Portal, hours: int, zone: str
    ) -> None:
        save(admin, text="{today}")
        portal.employee.time_zone, portal.employee.time_zone_offset = "", hours * 3600
        assert insert(admin, open_tab(admin)).form["text"] == today(zone, "en")

    def test_a_missing_template_is_reported(self, admin: Admin, box: Box, portal: Portal) -> None:
        second = box.add_portal(kind="on-premise", name="Workshop")
        install(admin.logbook, second)
        foreign = Admin(admin.logbook, second)
        save(foreign, text="Secret of theirs")
        save(admin, name="For contacts", kinds=["3"])
        page = open_tab(admin)
        for template_id in (stored(foreign)[0]["id"], stored(admin)[0]["id"], "", "x" * 5000):
            form = {**page.form, "title": "Mine", "text": "too", "template": template_id}
            answer = admin.logbook.submit("/templates", form)
            assert (answer.status, answer.outcome) == (404, "failed")
            assert (answer.form["title"], answer.form["text"]) == ("Mine", "too")
            assert "Secret" not in answer.text

    def test_an_old_session_keeps_the_words(self, admin: Admin) -> None:
        save(admin)
        form = {**open_tab(admin).form, "session": "old", "title": "Mine", "template": stored(admin)[0]["id"]}
        page = admin.logbook.submit("/templates", form)
        assert (page.status, page.outcome, page.form["title"]) == (401, "expired", "Mine")

    def test_enter_in_a_field_still_posts(self, admin: Admin) -> None:
        save(admin)
        first = open_tab(admin).soup.select("form button")[0]
        assert not first.has_attr("formaction")

    def test_many_are_a_list_that_opens_and_their_words_are_not_in_the_page(self, admin: Admin) -> None:
        before = len(gzip.compress(open_tab(admin).text.encode()))
        save(admin, text="Words of the template")
        with admin.logbook.database() as session:
            row = session.scalars(select(SavedSettings)).one()
            (one,) = row.choices["templates"]
            row.choices = {
                "templates": [{**one, "id": f"id-{n}", "name": f"Template no. {n} of very many"} for n in range(50)]
            }
            session.commit()
        page = open_tab(admin)
        assert len(page.soup.select("form .templates > ul button")) == 6
        assert page.one(".templates summary").text == "More templates (44)"
        assert len(page.soup.select(".templates details button")) == 44
        assert "Words of the template" not in page.text
        assert len(gzip.compress(page.text.encode())) < before + 2000
        assert insert(admin, page, offered(page)[-1]).outcome == "inserted"

    def test_one_who_may_not_write_gets_none(self, admin: Admin) -> None:
        save(admin)
        page = open_tab(admin)
        with admin.logbook.database() as session:
            portal = session.scalars(select(PortalRow)).one()
            choices = {"who": "administrators", "people": []}
            session.add(SavedSettings(portal_id=portal.id, section="writers", version=1, choices=choices))
            session.commit()
        assert offered(open_tab(admin)) == []
        page = insert(admin, page, text="Mine")
        assert (page.status, page.outcome) == (403, "refused")
        assert page.form["text"] == "Mine"

    def test_opening_the_tab_takes_one_request(self, admin: Admin, portal: Portal) -> None:
        save(admin)
        portal.calls.clear()
        open_tab(admin)
        assert [call.method for call in portal.calls] == ["batch"]

    def test_without_templates_there_is_nothing_of_them(self, admin: Admin) -> None:
        page = open_tab(admin)
        assert page.soup.select(".templates") == []
