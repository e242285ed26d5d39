"""The native composer: the portal draws the form and all outcomes above the timeline."""

import re
from dataclasses import replace

import pytest

from b24app.models import Portal as PortalRow
from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook
from tests.support.native import WORDS, native_frame, open_native, post, send
from tests.support.template_pages import save as save_template

ADD = "crm.timeline.logmessage.add"
COMPANY = "4-1"

pytestmark = any_database


def titles(portal: Portal, type_id: int = 2, entity_id: int = 1) -> list[str]:
    return [message.title for message in portal.timelines.of_card(type_id, entity_id)]


class TestOpening:
    """The hidden frame, which one request to the portal proves and fills."""

    def test_one_request_brings_the_whole_form(self, installed: Logbook, portal: Portal) -> None:
        drawn = open_native(installed, native_frame(portal))
        assert [call.method for call in portal.calls] == ["batch"]
        assert (drawn.status, drawn.kind, drawn.notice) == (200, "open", "")
        assert list(drawn.fields) == ["picture", "title", "text", "also_on", "kept"]
        assert drawn.options == ["☐ Northwind Bakery · Company", "☐ Marta Silva · Contact"]
        assert drawn.icons["values"][".call"] == "Call"
        assert drawn.icons["selectedValue"] == f".{drawn.form['icon']}"

    def test_the_page_is_framed_by_its_portal_alone(self, installed: Logbook, portal: Portal) -> None:
        page = installed.send(native_frame(portal))
        assert page.headers["Content-Security-Policy"].endswith(f"frame-ancestors {portal.url}")
        assert page.one("body")["data-portal-origin"] == portal.url
        # Where the portal shows it after all, it leads to the composer's page.
        composer = installed.submit(str(page.one("form")["action"]), page.form)
        assert installed.post(composer.form, **WORDS).outcome == "posted"

    def test_each_icon_has_a_picture_at_a_full_address(self, installed: Logbook, portal: Portal) -> None:
        drawn = open_native(installed, native_frame(portal))
        address = drawn.told["pictures"]["call"]
        assert drawn.fields["picture"]["imageSrc"] == drawn.told["pictures"][drawn.form["icon"]]
        base = installed.context.config.app_url
        assert address.startswith(f"{base}/glyphs/call.svg?v=")
        path, _, version = address.removeprefix(base).partition("?v=")
        picture = installed.get(path, v=version)
        assert picture.headers["Content-Type"].startswith("image/svg+xml")
        assert "immutable" in picture.headers["Cache-Control"]
        assert picture.text.startswith("<svg ")
        assert installed.get("/glyphs/call.svg").headers["Cache-Control"] == "no-store"
        assert installed.get("/glyphs/nonsense.svg").status == 404

    def test_an_older_portal_that_forgot_the_option_gets_the_page(self, installed: Logbook, portal: Portal) -> None:
        frame = native_frame(portal)
        frame.fields["PLACEMENT_OPTIONS"] = '{"ID":"1"}'
        page = installed.send(frame)
        assert (page.status, page.heading, page.soup.select("[data-drawing]")) == (200, "New log entry", [])
        assert "call" in page.icons
        assert installed.post(page.form, **WORDS).outcome == "posted"

    def test_a_draft_is_in_it_unless_only_the_page_has_room_for_it(self, installed: Logbook, portal: Portal) -> None:
        drawn = open_native(installed, native_frame(portal))
        assert send_draft(installed, {**drawn.form, **WORDS, "also_on": [COMPANY]}) == 204
        again = open_native(installed, native_frame(portal))
        assert (again.form["title"], again.form["also_on"]) == ("Called", [COMPANY])
        assert again.notice.startswith("This is your draft of ")
        assert again.options[0] == "☑ Northwind Bakery · Company"
        assert send_draft(installed, {**again.form, "happened": "2026-01-02T10:00"}) == 204
        assert open_native(installed, native_frame(portal)).form["title"] == ""

    def test_readers_get_an_explanation_instead_of_a_form(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        version = admin.go("writers").one("input[name=version]")["value"]
        assert admin.go("writers/save", version=version, who="administrators").outcome == "saved"
        drawn = open_native(installed, native_frame(portal))
        assert (drawn.status, drawn.told["blocks"], drawn.told["again"]) == (200, {}, "open")
        assert drawn.notice.startswith("You may read here, but not write")
        assert open_native(installed, native_frame(portal, portal.administrator)).kind == "open"

    def test_somebody_who_browses_is_told_where_they_are(self, installed: Logbook) -> None:
        page = installed.get("/native")
        assert (page.status, page.heading) == (200, "This address is part of Logbook")


def send_draft(logbook: Logbook, form: dict[str, object]) -> int:
    return logbook.submit("/drafts", form).status


class TestPosting:
    """The first button."""

    def test_one_request_puts_the_entry_on_the_timeline(self, installed: Logbook, portal: Portal) -> None:
        drawn = open_native(installed, native_frame(portal))
        portal.calls.clear()
        posted = post(installed, drawn)
        assert [call.method for call in portal.calls] == [ADD]
        assert (posted.status, posted.kind) == (200, "posted")
        assert posted.notice == "Posted Your entry is on the timeline."
        assert titles(portal) == ["Called"]
        assert (posted.form["title"], posted.form["text"], posted.form["icon"]) == ("", "", "comment")
        # A portal keeps what was typed in a field that has the same name as before.
        assert not set(drawn.told["blocks"]) & set(posted.told["blocks"]) - {"picture", "also_on", "kept"}

    def test_the_same_form_twice_makes_one_entry(self, installed: Logbook, portal: Portal) -> None:
        drawn = open_native(installed, native_frame(portal))
        assert [post(installed, drawn).kind for _ in range(2)] == ["posted", "posted"]
        assert titles(portal) == ["Called"]

    def test_further_cards_come_with_the_same_request(self, installed: Logbook, portal: Portal) -> None:
        drawn = open_native(installed, native_frame(portal))
        portal.calls.clear()
        posted = post(installed, drawn, also_on=[COMPANY])
        assert [call.method for call in portal.calls] == ["batch"]
        assert "It is also on: “Northwind Bakery”." in posted.notice
        assert titles(portal, 4, 1) == ["Called"]

    def test_a_related_card_that_was_deleted_meanwhile_is_named(self, installed: Logbook, portal: Portal) -> None:
        drawn = open_native(installed, native_frame(portal))
        portal.state.dialect.bindings = "old"
        portal.deny_edit(portal.employee, 4, 1)
        portal.remove_item(4, 1)
        posted = post(installed, drawn, also_on=[COMPANY])
        assert posted.kind == "posted"
        assert "Northwind Bakery" in posted.notice

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("title", "  ", "Write a title."),
            ("title", "x" * 256, "The title is longer than 255 characters."),
            ("text", "", "Write a text."),
            ("text", "a\x07b", "The text contains an invisible control character, such as a tab. Remove it."),
        ],
    )
    def test_problems_are_shown_at_their_fields(
        self, installed: Logbook, portal: Portal, field: str, value: str, sentence: str
    ) -> None:
        drawn = open_native(installed, native_frame(portal))
        portal.calls.clear()
        refused = post(installed, drawn, **{field: value})
        assert (refused.status, refused.kind, portal.calls) == (422, "invalid", [])
        assert refused.notice.startswith("Nothing was sent yet")
        assert refused.fields[field]["errorText"] == sentence
        assert refused.form[field] == value.strip()
        assert post(installed, refused).kind == "posted"

    def test_an_icon_that_nobody_offers_any_more_gives_way_to_one_that_is(
        self, installed: Logbook, portal: Portal
    ) -> None:
        drawn = open_native(installed, native_frame(portal))
        refused = post(installed, drawn, icon="nonsense")
        assert refused.icons["errorText"] == "Pick an icon from the list."
        assert refused.icons["selectedValue"] == f".{refused.form['icon']}" != ".nonsense"

    def test_a_refusal_keeps_the_words(self, installed: Logbook, portal: Portal) -> None:
        drawn = open_native(installed, native_frame(portal, entity_id=2))
        portal.deny_edit(portal.employee, 2, 2)
        refused = post(installed, drawn)
        assert (refused.status, refused.kind) == (403, "refused")
        assert refused.notice.startswith("Bitrix24 has refused this entry You may not write on this card.")
        assert re.search(r"Request [\w-]+; give it", refused.notice)
        assert (refused.form["title"], refused.form["text"]) == ("Called", "They agreed.")
        portal.allow_edit(portal.employee, 2, 2)
        assert post(installed, refused).kind == "posted"

    def test_a_waiting_entry_is_reported(self, installed: Logbook, portal: Portal) -> None:
        drawn = open_native(installed, native_frame(portal))
        portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
        waiting = post(installed, drawn)
        assert (waiting.status, waiting.kind) == (202, "queued")
        assert waiting.notice.startswith("Saved, waiting to be sent")
        installed.work()
        assert titles(portal) == ["Called"]

    def test_a_template_fills_the_form(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        save_template(admin)
        drawn = open_native(installed, native_frame(portal))
        names = drawn.fields["template"]["values"]
        assert list(names.values()) == ["Choose a template", "Offer sent"]
        portal.calls.clear()
        key = list(names)[1].removeprefix(".")
        filled = send(installed, "/native/templates", {**drawn.form, "text": "Before.", "template": key})
        assert (filled.kind, portal.calls) == ("inserted", [])
        assert filled.form["title"] == "Offer to Bakery ovens, second branch"
        assert filled.form["text"].startswith("Before.\nSent by Ben Okafor on ")
        assert filled.fields["text"]["value"] == filled.form["text"]
        gone = send(installed, "/native/templates", {**filled.form, "template": "gone"})
        assert gone.notice.startswith("There is no such template")
        assert post(installed, filled).kind == "posted"


class TestRefusals:
    """The frame is hidden, so every one of them is a drawing."""

    def test_an_expired_session_keeps_the_text_and_can_be_opened_again(
        self, installed: Logbook, portal: Portal
    ) -> None:
        drawn = open_native(installed, native_frame(portal))
        expired = post(installed, drawn, session="old")
        assert (expired.status, expired.kind, expired.told["again"]) == (401, "expired", "open")
        assert expired.told["blocks"] is None, "the form that is there stays"
        assert "Press “Try again”, then post." in expired.notice
        # As our script does it, with what the portal's page says.
        frame = native_frame(portal)
        anew = send(installed, "/native", {**frame.query, **frame.fields})
        assert post(installed, anew, form_key=drawn.form["form_key"]).kind == "posted"

    def test_people_of_a_portal_that_removed_logbook_are_told_so(self, installed: Logbook, portal: Portal) -> None:
        drawn, frame = open_native(installed, native_frame(portal)), native_frame(portal)
        with installed.database() as session:
            row = session.query(PortalRow).one()
            row.suspended_at = row.installed_at
            session.commit()
        assert post(installed, drawn).notice.startswith("Logbook is not installed any more")
        refused = open_native(installed, frame)
        assert (refused.status, refused.kind, refused.told["again"]) == (403, "not-installed", "open")

    @pytest.mark.parametrize(
        ("changes", "status", "kind"),
        [
            ({"AUTH_ID": "f" * 70}, 403, "not-proved"),
            ({"member_id": "f" * 32}, 403, "not-installed"),
            ({"PLACEMENT_OPTIONS": "{"}, 400, "malformed"),
            ({"PLACEMENT_OPTIONS": '{"entityId":"999","useBuiltInInterface":"Y"}'}, 404, "gone"),
            ({"title": "x" * 300_000}, 413, "too-large"),
        ],
    )
    def test_a_refusal_at_the_opening_is_visible(
        self, installed: Logbook, portal: Portal, changes: dict[str, str], status: int, kind: str
    ) -> None:
        frame = native_frame(portal)
        page = installed.send(frame, **changes)
        assert page.headers["Content-Security-Policy"].endswith("frame-ancestors *")
        assert page.one("body")["data-portal-origin"] == "*"
        assert not [secret for secret in (portal.member_id, frame.fields["AUTH_ID"]) if secret in page.text]
        refused = open_native(installed, replace(frame, fields={**frame.fields, **changes}))
        assert (page.status, refused.status, refused.kind, page.refusal) == (status, status, kind, kind)
        assert (refused.told["blocks"], refused.told["again"]) == (None, "open")
        assert refused.told["notice"]["properties"]["type"] == "danger"

    def test_a_portal_that_does_not_answer_is_drawn(self, installed: Logbook, portal: Portal) -> None:
        frame = native_frame(portal)
        portal.faults.html()
        assert open_native(installed, frame).notice.startswith("Bitrix24 does not answer")
        drawn = open_native(installed, native_frame(portal))
        portal.faults.reset(ADD)
        assert post(installed, drawn).kind == "queued"

    def test_what_is_far_too_long_leaves_the_form_as_it_is(self, installed: Logbook, portal: Portal) -> None:
        drawn = open_native(installed, native_frame(portal))
        refused = post(installed, drawn, text="x" * 1_000_000)
        assert (refused.status, refused.kind, refused.told["again"]) == (413, "too-large", "post")
        assert refused.told["blocks"] is None
        assert refused.notice.startswith("That is too much at once")

    def test_a_number_of_another_portal_writes_nothing_there(
        self, installed: Logbook, portal: Portal, second: Portal
    ) -> None:
        """A session is of one portal, and the card's number is one of that portal."""
        drawn = open_native(installed, native_frame(portal))
        frame = native_frame(second)
        assert (
            open_native(installed, replace(frame, fields={**frame.fields, "member_id": portal.member_id})).status == 403
        )
        assert post(installed, drawn).kind == "posted"
        assert (titles(portal), titles(second)) == (["Called"], [])
