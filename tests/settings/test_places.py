"""The section "Where it shows": the choices, and what the portal's cards then show."""

from urllib.parse import urlsplit

import pytest

from b24app.models import Change, SavedSettings
from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.attacker import learns_nothing
from tests.support.cards import bound, buttons, filled, notes, save, tabs
from tests.support.logbook import Logbook

LEAD, DEAL, ORDER, PROJECTS = 1, 2, 14, 1032


@pytest.fixture
def admin(installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


class TestSwitches:
    """Each kind of card has a tab and a button, which come and go in the portal."""

    def test_every_kind_of_card_is_listed_by_its_name(self, admin: Admin, portal: Portal) -> None:
        portal.add_type("<b>Repairs</b> & more")
        page = admin.go("places")
        names = [head.get_text(strip=True) for head in page.soup.select("tbody th")]
        fixed = ["Lead", "Deal", "Contact", "Company", "Estimate", "Invoice", "Order"]
        assert names == [*fixed, "Onboarding projects", "<b>Repairs</b> & more"]
        assert page.soup.select("b") == []
        assert notes(page, "tab") == {
            **dict.fromkeys([*fixed, "Onboarding projects"], "in place"),
            names[-1]: "missing",
        }
        assert notes(page, "button") == {}

    def test_a_picture_shows_where_each_place_is_to_those_who_see_and_a_sentence_to_all(self, admin: Admin) -> None:
        page = admin.go("places")
        pictures = page.soup.select(".place-picture")
        assert len({str(picture) for picture in pictures}) == len(pictures) == 5
        assert all(picture["aria-hidden"] == "true" and len(str(picture)) < 700 for picture in pictures)
        beside = page.soup.select(".place-notes .field-hint, .place-menu .field-hint")
        assert len([note for note in beside if note.text]) == 5

    def test_it_opens_with_one_request(self, admin: Admin, portal: Portal) -> None:
        portal.calls.clear()
        admin.go("places")
        assert [call.method for call in portal.calls] == ["batch"]

    def test_a_tab_that_is_switched_off_is_gone_from_the_card(self, admin: Admin, portal: Portal) -> None:
        assert tabs(portal) == ["General", "Logbook"]
        page = save(admin, off=("tab", DEAL))
        assert (page.status, page.outcome) == (200, "saved")
        assert notes(page, "tab")["Deal"] == "removed"
        assert tabs(portal) == ["General"]
        assert tabs(portal, "/crm/lead/details/1/") == ["General", "Logbook"]

        page = save(admin, on=("tab", DEAL))
        assert notes(page, "tab")["Deal"] == "new"
        assert tabs(portal) == ["General", "Logbook"]

    @pytest.mark.parametrize(
        ("type_id", "path"), [(DEAL, "/crm/deal"), (ORDER, "/shop/orders"), (PROJECTS, f"/crm/type/{PROJECTS}")]
    )
    def test_a_button_above_the_timeline_opens_the_composer(
        self, admin: Admin, installed: Logbook, portal: Portal, type_id: int, path: str
    ) -> None:
        assert buttons(portal, f"{path}/details/1/") == []
        assert save(admin, on=("button", type_id)).outcome == "saved"
        assert buttons(portal, f"{path}/details/1/") == ["Logbook"]
        (code,) = [code for code in bound(portal) if code.endswith("_DETAIL_ACTIVITY")]
        page = installed.send(portal.frame(portal.employee, placement=code, options={"ID": "1"}))
        assert (page.status, page.heading) == (200, "New log entry")
        assert installed.post(page.form, icon="call", title="Called", text="Above the timeline").outcome == "posted"
        assert [entry.title for entry in portal.timeline(type_id, 1)] == ["Called"]

        assert save(admin, off=("button", type_id)).outcome == "saved"
        assert buttons(portal, f"{path}/details/1/") == []

    def test_saving_without_changes_changes_nothing(self, admin: Admin, portal: Portal) -> None:
        save(admin, off=("tab", DEAL))
        before = portal.placements, portal.event_handlers
        page = save(admin)
        assert (page.outcome, page.one("[data-outcome] h2").text) == ("saved", "Nothing to save")
        assert (portal.placements, portal.event_handlers) == before

    def test_saving_binds_again_what_somebody_has_taken_away(self, admin: Admin, portal: Portal) -> None:
        save(admin, off=("tab", DEAL))
        portal.state.placements[:] = [one for one in portal.placements if one.code != "CRM_LEAD_DETAIL_TAB"]
        assert notes(admin.go("places"), "tab")["Lead"] == "missing"
        assert save(admin).outcome == "repaired"
        assert "CRM_LEAD_DETAIL_TAB" in bound(portal)

    def test_installing_and_repairing_keep_to_what_was_chosen(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        save(admin, off=("tab", DEAL), title_en="Diary")
        save(admin, on=("button", LEAD))
        wanted = bound(portal)
        assert installed.send(portal.install_frame(portal.administrator)).status == 200
        assert bound(portal) == wanted
        assert admin.go("connection/repair").outcome == "repaired"
        assert bound(portal) == wanted
        portal.state.placements.clear()
        assert admin.go("connection/repair").outcome == "repaired"
        assert bound(portal) == wanted
        assert tabs(portal, "/crm/lead/details/1/") == ["General", "Diary"]

    def test_what_the_form_did_not_show_stays_as_it_is(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        """A smart process that was added while the page was open, and numbers that this portal does not have."""
        fields = filled(admin.go("places"))
        added = portal.add_type("Repairs")
        fields["type"] += ["9999", "0", "x", "1" * 30]
        fields["tab"] += ["9999"]
        assert admin.go("places/save", **fields).outcome == "saved"
        assert f"CRM_DYNAMIC_{added}_DETAIL_TAB" in bound(portal)
        assert "CRM_DYNAMIC_9999_DETAIL_TAB" not in bound(portal)
        with installed.database() as session:
            saved = session.query(SavedSettings).one().choices
        assert not {"9999", str(added)} & saved["tabs"].keys()

    def test_a_smart_process_that_is_deleted_meanwhile_is_no_failure(self, admin: Admin, portal: Portal) -> None:
        fields = filled(admin.go("places"))
        fields["button"].append(str(PROJECTS))
        portal.remove_type(PROJECTS)
        page = admin.go("places/save", **fields)
        assert (page.status, page.outcome) == (200, "saved")
        assert "Onboarding projects" not in notes(page, "tab")

    def test_nor_one_that_is_deleted_between_two_requests(self, admin: Admin, portal: Portal) -> None:
        fields = filled(admin.go("places"))
        fields["button"].append(str(PROJECTS))
        portal.faults.refuse("ERROR_PLACEMENT_NOT_FOUND", "placement.bind")
        page = admin.go("places/save", **fields)
        assert (page.status, page.outcome) == (200, "saved")
        assert notes(page, "button") == {"Onboarding projects": "this Bitrix24 does not have it"}


@any_database
class TestRefusals:
    """What the portal does not do is said beside its switch; what it cannot be asked about is said, too."""

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("ERROR_PLACEMENT_MAX_COUNT", "Bitrix24 answered “ERROR_PLACEMENT_MAX_COUNT”."),
            ("ACCESS_DENIED", "Bitrix24 refused it for your account."),
        ],
    )
    def test_a_refused_switch_says_why(self, admin: Admin, portal: Portal, code: str, words: str) -> None:
        portal.faults.refuse(code, "placement.bind")
        page = save(admin, on=("button", DEAL))
        assert (page.status, page.outcome) == (200, "refused")
        assert notes(page, "button") == {"Deal": words}
        assert filled(page)["button"] == [str(DEAL)]
        assert save(admin).outcome == "repaired"
        assert buttons(portal) == ["Logbook"]

    def test_a_tab_that_the_portal_keeps_says_why(self, admin: Admin, portal: Portal) -> None:
        portal.faults.refuse("ACCESS_DENIED", "placement.unbind")
        page = save(admin, off=("tab", DEAL))
        assert page.outcome == "refused"
        assert notes(page, "tab")["Deal"] == "Bitrix24 refused it for your account."
        assert notes(admin.go("places"), "tab")["Deal"] == "still there"

    def test_somebody_who_binds_the_same_just_now_is_no_failure(self, admin: Admin, portal: Portal) -> None:
        """ "Process of binding the handler has already started" is ERROR_CORE, like "Handler already binded"."""
        portal.faults.refuse("ERROR_CORE", "placement.bind")
        assert save(admin, on=("button", DEAL)).outcome == "saved"
        assert buttons(portal) == ["Logbook"]

    @pytest.mark.parametrize("is_done", [False, True])
    def test_a_portal_that_stops_answering_is_reported_and_saving_again_fixes_it(
        self, admin: Admin, portal: Portal, is_done: bool
    ) -> None:
        fields = filled(admin.go("places")) | {"title-en": "Diary"}
        portal.faults.reset("placement.bind", processed=is_done)
        page = admin.go("places/save", **fields)
        assert (page.status, page.outcome) == (503, "refused")
        assert "Saved, but not everything is in place" in page.text
        assert notes(page, "tab") == {}
        assert filled(page)["title-en"] == "Diary"
        portal.clear_faults()
        assert save(admin).outcome in {"saved", "repaired"}
        assert tabs(portal) == ["General", "Diary"]
        assert len(portal.placements) == len(bound(portal)) == 8

    def test_between_unbinding_and_binding_the_place_is_reported_as_missing(self, admin: Admin, portal: Portal) -> None:
        """A portal that was stopped after the first half of a change of titles."""
        portal.faults.refuse("INTERNAL_SERVER_ERROR", "placement.bind", times=8)
        page = save(admin, title_en="Diary")
        assert (page.status, page.outcome) == (200, "refused")
        assert set(notes(page, "tab").values()) == {"Bitrix24 answered “INTERNAL_SERVER_ERROR”."}
        assert tabs(portal) == ["General"]
        assert set(notes(admin.go("places"), "tab").values()) == {"missing"}
        assert save(admin).outcome == "repaired"
        assert tabs(portal) == ["General", "Diary"]


class TestPeople:
    """Two administrators, and people who are none."""

    def test_the_second_of_two_administrators_is_warned_and_loses_nothing(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        portal.reader.is_admin = True
        second = Admin(installed, portal, portal.reader)
        theirs = filled(second.go("places"))
        assert save(admin, off=("tab", DEAL)).outcome == "saved"
        theirs["tab"].remove(str(LEAD))
        page = second.go("places/save", **theirs)
        assert (page.status, page.outcome) == (409, "outdated")
        assert "Anna Keller" in page.one("[data-outcome]").text
        assert tabs(portal, "/crm/lead/details/1/") == ["General", "Logbook"]
        assert str(LEAD) not in filled(page)["tab"]
        assert second.go("places/save", **filled(page)).outcome == "saved"
        assert tabs(portal, "/crm/lead/details/1/") == ["General"]
        assert tabs(portal) == ["General", "Logbook"]

    def test_each_saving_is_written_down(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        save(admin, off=("tab", DEAL), title_de="Tagebuch")
        save(admin, off=("tab", LEAD))
        with installed.database() as session:
            first, second = session.query(Change).order_by(Change.id).all()
        assert (first.before, first.after["tabs"][str(DEAL)]) == (None, False)
        assert first.after["titles"] == {"de": "Tagebuch"}
        assert (second.before, second.after["tabs"][str(LEAD)]) == (first.after, False)

    def test_an_employee_changes_nothing(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        fields = filled(admin.go("places")) | {"tab": []}
        before = bound(portal)
        session = installed.send(portal.frame(portal.employee)).form["session"]
        page = installed.submit("/settings/places/save", {**fields, "session": session})
        assert (page.status, page.refusal) == (401, "expired")
        portal.administrator.is_admin = False
        page = admin.go("places/save", **fields)
        assert (page.status, page.refusal) == (403, "refused")
        learns_nothing(page, portal)
        assert bound(portal) == before

    def test_it_goes_out_in_the_name_of_whoever_saves(self, admin: Admin, portal: Portal, installed: Logbook) -> None:
        portal.reader.is_admin = True
        portal.dismiss(portal.administrator)
        assert save(Admin(installed, portal, portal.reader), off=("tab", DEAL)).outcome == "saved"
        assert tabs(portal, person=portal.reader) == ["General"]


class TestNativeButtons:
    """The button may open a form that the portal itself draws."""

    pytestmark = any_database

    def test_it_is_bound_at_its_own_address_with_its_option(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        save(admin, on=("button", DEAL))
        before = [one.handler for one in portal.placements if one.code == "CRM_DEAL_DETAIL_ACTIVITY"]
        page = save(admin, off=("button", DEAL), on=("button", f"{DEAL}-native"))
        assert (page.outcome, notes(page, "button")) == ("saved", {"Deal": "new"})
        (placement,) = [one for one in portal.placements if one.code == "CRM_DEAL_DETAIL_ACTIVITY"]
        assert [urlsplit(address).path for address in (*before, placement.handler)] == ["/placement", "/native"]
        assert placement.options == {"useBuiltInInterface": "Y"}
        assert filled(admin.go("places"))["button"] == [f"{DEAL}-native"]
        assert notes(admin.page, "button") == {"Deal": "in place"}
        with installed.database() as session:
            assert session.query(SavedSettings).one().choices["buttons"][str(DEAL)] == "native"
        portal.state.placements.clear()
        assert admin.go("connection/repair").outcome == "repaired"
        assert {one.handler for one in portal.placements if one.is_native} == {placement.handler}
        assert save(admin, off=("button", f"{DEAL}-native")).outcome == "saved"
        assert buttons(portal) == []

    def test_what_was_saved_before_there_was_a_choice_stays_a_page(self, admin: Admin, installed: Logbook) -> None:
        save(admin, on=("button", DEAL))
        with installed.database() as session:
            assert session.query(SavedSettings).one().choices["buttons"][str(DEAL)] is True

    def test_a_portal_that_forgets_the_option_says_so(self, admin: Admin, portal: Portal) -> None:
        portal.state.dialect.native = "old"
        save(admin, on=("button", f"{DEAL}-native"))
        page = admin.go("places")
        assert notes(page, "button") == {"Deal": "this Bitrix24 opens it as a page"}
        assert save(admin).outcome == "saved", "what the portal cannot do is not tried again"

    def test_a_portal_that_refuses_it_is_named(self, admin: Admin, portal: Portal) -> None:
        portal.faults.refuse("ERROR_WRONG_HANDLER_URL", "placement.bind")
        page = save(admin, on=("button", f"{DEAL}-native"))
        assert page.outcome == "refused"
        assert notes(page, "button") == {"Deal": "Bitrix24 answered “ERROR_WRONG_HANDLER_URL”."}
        assert save(admin).outcome == "repaired"
