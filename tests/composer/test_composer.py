"""The composer without script: preview, what will be lost, recent icons, and what can be done with entries."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24app.services.delivery import preview
from devportal import Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook, Page

ADD = "crm.timeline.logmessage.add"
LIST = "crm.timeline.logmessage.list"
DELETE = "crm.timeline.logmessage.delete"
DEAL = 2
WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}


def post(logbook: Logbook, portal: Portal, **words: str) -> Page:
    return logbook.post(logbook.open_tab(portal).form, **{**WORDS, **words})


def press(logbook: Logbook, page: Page, name: str, *, beside: str = "", **words: str) -> Page:
    """Press a button of the form, the one beside an entry if that is named, with what is in the form."""
    place = next(entry for entry in page.history if beside in entry.text) if beside else page.one("form")
    buttons = {one.get_text(strip=True): one for one in [*place.select("button"), *page.soup.select("[data-older]")]}
    button = buttons[name]
    pressed = {str(button["name"]): str(button["value"])} if button.get("name") else {}
    return logbook.submit(str(button["formaction"]), {**page.form, **words, **pressed})


def hints(page: Page) -> set[str]:
    return {str(hint["data-loss"]) for hint in page.soup.select("[data-loss]") if not hint.has_attr("hidden")}


class TestDisplay:
    """services/delivery/preview: the rules of the timeline."""

    @pytest.mark.parametrize(
        ("typed", "shown"),
        [
            ("one\ntwo\n\nthree", "one two three"),
            ("  a \t b  ", "a b"),
            ("&lt;b&gt; &amp;lt;", "<b> &lt;"),
            ("<b>bold</b> [b]x[/b]", "<b>bold</b> [b]x[/b]"),
            ("👩‍👩‍👧 e\u0301 \u202eabc", "👩‍👩‍👧 e\u0301 \u202eabc"),
            ("&notanentity; &#128512;", "¬anentity; 😀"),
            ("", ""),
        ],
    )
    def test_text_is_shown_as_the_timeline_shows_it(self, typed: str, shown: str) -> None:
        assert preview.as_shown(typed) == shown

    @given(st.text())
    def test_nothing_is_shown_that_was_not_typed(self, typed: str) -> None:
        shown = preview.as_shown(typed)
        assert shown.split() == unescape(typed).split()
        assert not re.search(r"\s\s|^\s|\s$", shown)

    @pytest.mark.parametrize(
        ("title", "text", "losses"),
        [
            ("Short", "Plain.", []),
            ("x" * 71, "", ["cut"]),
            ("日" * 36, "", ["cut"]),
            ("", "one\ntwo", ["breaks"]),
            ("", "one\n", []),
            ("a &amp; b", "", ["entities"]),
            ("a & b", "2 < 3 [1]", []),
            ("", "<b>x</b>", ["markup"]),
            ("", "[url=x]y[/url]", ["markup"]),
            ("", "see https://example.com", ["links"]),
        ],
    )
    def test_the_page_names_what_will_be_lost(self, title: str, text: str, losses: list[str]) -> None:
        assert preview.losses(title, text) == losses


@any_database
class TestPreview:
    """POST /preview"""

    def test_it_shows_the_entry_and_keeps_the_words(self, installed: Logbook, portal: Portal) -> None:
        words = {"title": "A &amp; B", "text": "one\ntwo <i>", "icon": "call"}
        page = press(installed, installed.open_tab(portal), "Preview", **words)
        assert page.status == 200
        assert page.one("[data-preview] [data-part=title]").text == "A & B"
        assert page.one("[data-preview] [data-part=text]").text == "one two <i>"
        assert page.one("[data-preview] [data-part=icon]")["aria-label"] == "Call"
        assert hints(page) == {"breaks", "entities", "markup"}
        assert {name: page.form[name] for name in words} == words
        assert portal.timeline(DEAL, 1) == []

    def test_an_empty_entry_is_shown_with_the_names_of_its_fields(self, installed: Logbook, portal: Portal) -> None:
        """A heading without words is none to a screen reader."""
        page = installed.open_tab(portal)
        shown = [page.one(f"[data-preview] [data-part={part}]") for part in ("title", "text")]
        assert [(part.text, "is-empty" in part["class"]) for part in shown] == [("Title", True), ("Text", True)]

    def test_a_row_without_a_title_has_a_heading_all_the_same(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal)
        portal.timeline(DEAL, 1)[0].title = " "
        assert installed.open_tab(portal).one(".history-list h3").text == "…"

    def test_the_history_follows_the_same_rules(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal, title="A &lt;b&gt;", text="one\ntwo")
        entry = installed.open_tab(portal).history[0]
        assert entry.select_one("[data-part=title]").text == "A <b>"  # type: ignore[union-attr]
        assert entry.select_one("[data-part=text]").text == "one two"  # type: ignore[union-attr]

    def test_an_icon_that_the_portal_does_not_list_shows_none(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal, icon="camera")
        portal.icons.system_codes.remove("camera")
        entry = installed.open_tab(portal).history[0]
        assert entry.select_one(".entry-icon-none")


class TestIcons:
    """The picker."""

    def test_recent_icons_come_first_and_the_latest_is_chosen(self, installed: Logbook, portal: Portal) -> None:
        for icon in ("call", "robot", "call", "wallet"):
            post(installed, portal, icon=icon)
        page = installed.open_tab(portal)
        assert page.icons[:3] == ["wallet", "call", "robot"]
        assert page.form["icon"] == "wallet"
        assert sorted(page.icons) == sorted([*portal.icons.system_codes, *(one.code for one in portal.icons.custom)])

    def test_they_are_those_of_the_person(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal, icon="robot")
        page = installed.send(portal.frame(portal.administrator))
        assert page.icons[0] == "call"


@any_database
class TestHistory:
    """POST /history…"""

    def test_older_entries_come_page_by_page(self, installed: Logbook, portal: Portal) -> None:
        for number in range(23):
            post(installed, portal, title=f"Entry {number}")
        page, seen = installed.open_tab(portal), []
        for _ in range(3):
            seen += page.entry_ids
            page = press(installed, page, "Show older entries") if page.soup.select("[data-older]") else page
        assert seen == [message.id for message in reversed(portal.timeline(DEAL, 1))]
        assert not page.soup.select("[data-older]")

    def test_a_page_costs_one_request_and_keeps_the_words(self, installed: Logbook, portal: Portal) -> None:
        for number in range(11):
            post(installed, portal, title=f"Entry {number}")
        page = installed.open_tab(portal)
        portal.calls.clear()
        older = press(installed, page, "Show older entries", title="Half a thought")
        assert [call.method for call in portal.calls] == [LIST]
        assert older.form["title"] == "Half a thought"

    def test_a_portal_that_repeats_a_page_for_ever_is_not_followed(self, installed: Logbook, portal: Portal) -> None:
        for number in range(10):
            post(installed, portal, title=f"Entry {number}")
        portal.state.dialect.log_next = "endless"
        page = installed.open_tab(portal)
        last = installed.submit("/history", {**page.form, "page": f"0-{min(page.entry_ids)}"})
        assert (last.entry_ids, last.soup.select("[data-older]")) == ([], [])

    @pytest.mark.parametrize("page", ["", "x", "1-", "-1", "1-2-3", "1" * 30])
    def test_a_senseless_page_is_no_error(self, installed: Logbook, portal: Portal, page: str) -> None:
        answer = installed.submit("/history", {**installed.open_tab(portal).form, "page": page})
        assert answer.status == 200

    def test_a_silent_portal_is_reported_and_the_text_is_kept(self, installed: Logbook, portal: Portal) -> None:
        for number in range(10):
            post(installed, portal, title=f"Entry {number}")
        page = installed.open_tab(portal)
        portal.faults.reset(LIST)
        answer = press(installed, page, "Show older entries", text="Half a thought")
        assert (answer.status, answer.outcome, answer.form["text"]) == (503, "failed", "Half a thought")


class TestDeleting:
    """One's own, and only those."""

    def test_it_asks_first_and_then_it_is_gone(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal)
        asked = press(installed, installed.open_tab(portal), "Delete", beside="Called", title="Half a thought")
        assert (asked.outcome, len(portal.timeline(DEAL, 1))) == ("asked", 1)
        portal.calls.clear()
        gone = press(installed, asked, "Delete")
        assert (gone.status, gone.outcome, gone.form["title"]) == (200, "deleted", "Half a thought")
        assert [call.method for call in portal.calls] == [DELETE]
        assert portal.timeline(DEAL, 1) == []
        assert gone.history == []

    def test_its_words_are_gone_from_our_records_too(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal)
        press(installed, press(installed, installed.open_tab(portal), "Delete", beside="Called"), "Delete")
        (entry,) = installed.entries()
        assert (entry.title, entry.text) == ("", "")

    def test_a_form_that_is_sent_again_does_not_bring_it_back(self, installed: Logbook, portal: Portal) -> None:
        form = installed.open_tab(portal).form
        installed.post(form, **WORDS)
        press(installed, press(installed, installed.open_tab(portal), "Delete", beside="Called"), "Delete")
        installed.post(form, **WORDS)
        assert portal.timeline(DEAL, 1) == []

    def test_nobody_deletes_what_another_wrote(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal)
        (entry,) = installed.entries()
        page = installed.send(portal.frame(portal.administrator))
        assert not [one for one in page.soup.select("button") if one.get_text(strip=True) == "Delete"]
        answer = installed.submit("/history/delete/confirmed", {**page.form, "entry": str(entry.id)})
        assert (answer.status, answer.outcome) == (404, "failed")
        assert len(portal.timeline(DEAL, 1)) == 1

    @pytest.mark.parametrize("entry", ["", "0", "-1", "x", "9" * 18])
    def test_a_senseless_number_is_no_error(self, installed: Logbook, portal: Portal, entry: str) -> None:
        form = installed.open_tab(portal).form
        for address in ("/history/delete", "/history/delete/confirmed", "/history/retry"):
            assert installed.submit(address, {**form, "entry": entry}).status == 404

    def test_a_refusal_of_the_portal_is_reported(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal)
        asked = press(installed, installed.open_tab(portal), "Delete", beside="Called")
        portal.deny_edit(portal.employee, DEAL, 1)
        refused = press(installed, asked, "Delete")
        assert (refused.status, refused.outcome) == (403, "failed")
        assert len(refused.history) == 1


class TestWaiting:
    """Entries that are not on the timeline yet."""

    def test_a_waiting_entry_is_shown_with_its_reason_and_can_be_tried_again(
        self, installed: Logbook, portal: Portal
    ) -> None:
        portal.faults.refuse("OVERLOAD_LIMIT", ADD)
        queued = post(installed, portal)
        assert queued.outcome == "queued"
        assert "blocked" in queued.history[0].text
        sent = press(installed, queued, "Try again", beside="Called", title="Half a thought")
        assert (sent.outcome, sent.form["title"]) == ("posted", "Half a thought")
        assert len(portal.timeline(DEAL, 1)) == 1

    def test_one_that_is_refused_later_is_not_lost(self, installed: Logbook, portal: Portal) -> None:
        portal.faults.refuse("OVERLOAD_LIMIT", ADD)
        queued = post(installed, portal)
        portal.deny_edit(portal.employee, DEAL, 1)
        refused = press(installed, queued, "Try again", beside="Called")
        assert refused.outcome == "refused"
        assert "Not sent" in refused.history[0].text
        portal.allow_edit(portal.employee, DEAL, 1)
        assert press(installed, refused, "Try again", beside="Called").outcome == "posted"
        assert [message.title for message in portal.timeline(DEAL, 1)] == ["Called"]


@any_database
class TestStates:
    """Every refusal has its page, and a way back."""

    def test_the_way_back_leads_to_the_page_that_asked(self, installed: Logbook, portal: Portal) -> None:
        frame = portal.frame(portal.employee)
        portal.expire_access_tokens()
        answer = installed.app.test_client().post(
            "/placement", query_string=frame.query, data=frame.fields, headers={"Origin": portal.url}
        )
        assert f'<a class="button" href="{portal.url}/" target="_top">Back to Bitrix24</a>' in answer.text

    @pytest.mark.parametrize("origin", ["null", "javascript:alert(1)", "http://127.0.0.1:9", "http://a b", ""])
    def test_there_is_none_to_anywhere_else(self, installed: Logbook, portal: Portal, origin: str) -> None:
        answer = installed.app.test_client().post("/placement", data={}, headers={"Origin": origin})
        assert (answer.status_code, "Back to Bitrix24" in answer.text) == (400, False)

    def test_without_icons_nothing_can_be_posted_and_the_page_says_so(self, installed: Logbook, portal: Portal) -> None:
        portal.icons.system_codes.clear()
        portal.state.icons.clear()
        page = installed.open_tab(portal)
        assert page.one("#icon h2").text == "No icon to choose from"
        assert page.one(".form-end button").has_attr("disabled")
