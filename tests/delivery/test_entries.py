"""Opening the tab on a card and posting from it: the outcomes, without ever losing text."""

import io
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from b24app.models import LogEntry
from devportal import Box, Portal
from tests.support.logbook import Logbook, Page

DEAL = 2
WORDS = {"icon": "comment", "title": "Called about the offer", "text": "They want it <b>by Friday</b>.\nCall back."}


def post(logbook: Logbook, portal: Portal, **words: str) -> Page:
    return logbook.post(logbook.open_tab(portal).form, **{**WORDS, **words})


class TestOpening:
    """POST /placement."""

    def test_the_page_shows_the_card_and_every_icon_that_the_portal_lists(
        self, installed: Logbook, portal: Portal
    ) -> None:
        page = installed.open_tab(portal)
        assert page.status == 200
        listed = [*portal.icons.system_codes, *(icon.code for icon in portal.icons.custom)]
        assert page.icons == listed
        assert len(listed) >= 49
        assert "Deal" in page.one(".page-subject").text

    def test_it_takes_exactly_one_request_to_the_portal(self, installed: Logbook, box: Box, portal: Portal) -> None:
        box.authority_calls.clear()
        installed.open_tab(portal)
        assert [call.method for call in portal.calls] == ["batch"]
        assert list(box.authority_calls) == []

    @pytest.mark.parametrize("type_id", [1, 2, 3, 4, 7, 14, 31])
    def test_every_kind_of_card_can_be_opened(self, installed: Logbook, portal: Portal, type_id: int) -> None:
        page = installed.open_tab(portal, type_id)
        assert page.status == 200
        assert page.one(".page-subject").text.strip()

    def test_a_smart_process_that_was_added_later_can_be_opened(self, installed: Logbook, portal: Portal) -> None:
        type_id = portal.add_type("Repairs")
        item = portal.add_item(type_id, title="Repair of the lift")
        page = installed.open_tab(portal, type_id, item)
        assert "Repair of the lift" in page.one(".page-subject").text

    def test_an_order_is_named_by_its_number(self, installed: Logbook, portal: Portal) -> None:
        page = installed.open_tab(portal, 14)
        assert "Order 1" in page.one(".page-subject").text

    def test_only_the_proved_portal_may_frame_the_page(self, installed: Logbook, portal: Portal) -> None:
        headers = installed.open_tab(portal).headers
        policy = headers["Content-Security-Policy"]
        assert policy.endswith(f"frame-ancestors {portal.url}")
        assert "unsafe" not in policy
        assert not {"X-Frame-Options", "Set-Cookie"} & set(headers)

    def test_a_card_that_is_gone_has_its_page(self, installed: Logbook, portal: Portal) -> None:
        portal.remove_item(DEAL, 1)
        page = installed.open_tab(portal)
        assert (page.status, page.refusal) == (404, "gone")

    def test_a_card_that_one_may_not_read_has_its_page(self, installed: Logbook, portal: Portal) -> None:
        portal.deny_read(portal.employee, DEAL, 1)
        page = installed.open_tab(portal)
        assert (page.status, page.refusal) == (403, "refused")

    def test_an_expired_token_has_its_page(self, installed: Logbook, portal: Portal) -> None:
        frame = portal.frame(portal.employee)
        portal.expire_access_tokens()
        page = installed.send(frame)
        assert (page.status, page.refusal) == (403, "expired")
        assert page.one("code").text == page.headers["X-Request-ID"]

    def test_the_latest_ten_entries_are_listed_newest_first(self, installed: Logbook, portal: Portal) -> None:
        for number in range(12):
            assert post(installed, portal, title=f"Entry {number}").outcome == "posted"
        page = installed.open_tab(portal)
        ids = [message.id for message in portal.timeline(DEAL, 1)]
        assert page.entry_ids == sorted(ids, reverse=True)[:10]
        assert "Entry 11" in page.history[0].text
        assert f"{portal.employee.name} {portal.employee.last_name}" in page.history[0].text

    def test_entries_of_others_look_different_from_ours(self, installed: Logbook, box: Box, portal: Portal) -> None:
        post(installed, portal)
        installed.open_tab(portal)
        with installed.database() as session:
            session.query(LogEntry).delete()  # as if it had been written by another application
            session.commit()
        post(installed, portal)
        ours, others = installed.open_tab(portal).history
        assert "Logbook" in ours.text
        assert "Logbook" not in others.text

    def test_times_are_those_of_the_reader(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal)
        times = [entry.select_one("time") for entry in installed.open_tab(portal).history]
        shown = datetime.fromisoformat(str(times[0]["datetime"]))  # type: ignore[index]
        assert abs(shown - datetime.now(UTC)) < timedelta(minutes=1)


class TestPosting:
    """POST /entries."""

    def test_an_entry_appears_under_its_authors_name(self, installed: Logbook, portal: Portal) -> None:
        page = post(installed, portal)
        assert (page.status, page.outcome) == (200, "posted")
        (message,) = portal.timeline(DEAL, 1)
        assert (message.title, message.text, message.icon_code) == (WORDS["title"], WORDS["text"], "comment")
        assert message.author_id == portal.employee.id
        assert page.entry_ids == [message.id]

    def test_posting_takes_exactly_one_request(self, installed: Logbook, portal: Portal) -> None:
        form = installed.open_tab(portal).form
        portal.calls.clear()
        installed.post(form, **WORDS)
        assert [call.method for call in portal.calls] == ["crm.timeline.logmessage.add"]

    def test_the_form_is_empty_and_ready_for_the_next_entry(self, installed: Logbook, portal: Portal) -> None:
        page = post(installed, portal)
        assert (page.form["title"], page.form["text"], page.form["icon"]) == ("", "", "comment")
        assert installed.post(page.form, **WORDS).outcome == "posted"
        assert len(portal.timeline(DEAL, 1)) == 2

    def test_the_same_form_twice_is_one_entry_with_one_outcome(self, installed: Logbook, portal: Portal) -> None:
        form = installed.open_tab(portal).form
        first, second = (installed.post(form, **WORDS) for _ in range(2))
        assert (first.outcome, second.outcome) == ("posted", "posted")
        assert first.entry_ids == second.entry_ids
        assert len(portal.timeline(DEAL, 1)) == 1

    def test_a_form_that_was_corrected_is_another_entry(self, installed: Logbook, portal: Portal) -> None:
        form = installed.open_tab(portal).form
        installed.post(form, **WORDS)
        installed.post(form, **{**WORDS, "title": "Corrected"})
        assert [message.title for message in portal.timeline(DEAL, 1)] == [WORDS["title"], "Corrected"]

    @pytest.mark.parametrize(
        ("words", "field"),
        [
            ({"title": ""}, "title"),
            ({"title": " \n\t "}, "title"),
            ({"title": "x" * 256}, "title"),
            ({"title": "nul\x00"}, "title"),
            ({"text": ""}, "text"),
            ({"text": "x" * 10_001}, "text"),
            ({"text": "bell\x07"}, "text"),
            ({"icon": "no-such-icon"}, "icon"),
            ({"icon": ""}, "icon"),
            ({"icon": "im"}, "icon"),
        ],
    )
    def test_what_cannot_be_an_entry_is_not_sent_and_not_lost(
        self, installed: Logbook, portal: Portal, words: dict[str, str], field: str
    ) -> None:
        form = installed.open_tab(portal).form
        portal.calls.clear()
        page = installed.post(form, **{**WORDS, **words})
        assert (page.status, page.outcome) == (422, "invalid")
        assert page.one(f"#{field}-error").text.strip()
        typed = {**WORDS, **words}
        assert (page.form["title"], page.form["text"]) == (typed["title"].strip(), typed["text"].strip())
        assert list(portal.calls) == []

    @pytest.mark.parametrize(
        ("title", "text"),
        [
            ("x" * 255, "y" * 10_000),
            ("👩‍👩‍👧 e\u0301 \u202e reversed", "😀" * 5000),
            ("<script>alert(1)</script>", "[b]bold[/b] &lt;i&gt; {{ 7*7 }} %s %(x)s"),
            ("日本語", "عربى"),
        ],
    )
    def test_what_is_posted_is_what_was_typed(self, installed: Logbook, portal: Portal, title: str, text: str) -> None:
        page = post(installed, portal, title=title, text=text)
        assert page.outcome == "posted"
        (message,) = portal.timeline(DEAL, 1)
        assert (message.title, message.text) == (title, text)
        assert page.history[0].select_one(".entry-title").get_text() == title  # type: ignore[union-attr]
        assert "<script>alert" not in page.text

    def test_line_breaks_of_a_form_become_those_of_a_person(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal, text="one\r\ntwo\rthree")
        assert portal.timeline(DEAL, 1)[0].text == "one\ntwo\nthree"

    def test_without_the_right_to_edit_it_is_refused_and_kept(self, installed: Logbook, portal: Portal) -> None:
        form = installed.open_tab(portal).form
        portal.deny_edit(portal.employee, DEAL, 1)
        page = installed.post(form, **WORDS)
        assert (page.status, page.outcome) == (403, "refused")
        assert (page.form["title"], page.form["text"]) == (WORDS["title"], WORDS["text"])
        assert portal.timeline(DEAL, 1) == []
        portal.allow_edit(portal.employee, DEAL, 1)
        assert installed.post(page.form).outcome == "posted"

    def test_a_card_that_went_away_meanwhile_is_refused_and_kept(self, installed: Logbook, portal: Portal) -> None:
        form = installed.open_tab(portal).form
        portal.remove_item(DEAL, 1)
        page = installed.post(form, **WORDS)
        assert (page.status, page.outcome) == (403, "refused")
        assert page.form["text"] == WORDS["text"]

    @pytest.mark.parametrize("session", ["", "x", "eyJwIjoxfQ.aaaa.bbbb", "\x00", "x" * 10_000])
    def test_a_form_that_is_not_ours_is_expired_and_kept(
        self, installed: Logbook, portal: Portal, session: str
    ) -> None:
        portal.calls.clear()
        page = installed.post({"form_key": "k", "session": session}, **WORDS)
        assert (page.status, page.outcome) == (401, "expired")
        assert (page.form["title"], page.form["text"]) == (WORDS["title"], WORDS["text"])
        assert list(portal.calls) == []

    def test_words_longer_than_any_entry_are_refused_whole(self, installed: Logbook, portal: Portal) -> None:
        page = post(installed, portal, title="x" * 1_000_000)
        assert (page.status, page.refusal) == (413, "too-large")
        assert portal.timeline(DEAL, 1) == []

    @pytest.mark.parametrize(("size", "status"), [(100_000, 422), (256 * 1024, 413), (1_000_000, 413)])
    def test_a_long_body_without_a_length_is_refused_too(
        self, installed: Logbook, portal: Portal, size: int, status: int
    ) -> None:
        form = installed.open_tab(portal).form
        body = urlencode({**form, "icon": "comment", "title": "Called", "text": "x" * size}).encode()
        answer = installed.app.test_client().post(
            "/entries",
            input_stream=io.BytesIO(body),
            content_type="application/x-www-form-urlencoded",
            environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
        )
        assert (answer.status_code, portal.timeline(DEAL, 1)) == (status, [])

    def test_an_expired_token_is_renewed_on_the_way(self, installed: Logbook, box: Box, portal: Portal) -> None:
        form = installed.open_tab(portal).form
        portal.expire_access_tokens()
        assert installed.post(form, **WORDS).outcome == "posted"
        assert [call.method for call in box.authority_calls].count("oauth/token") == 1
        assert len(portal.timeline(DEAL, 1)) == 1

    def test_two_people_write_under_their_own_names(self, installed: Logbook, portal: Portal) -> None:
        for person in (portal.administrator, portal.employee):
            form = installed.send(portal.frame(person)).form
            assert installed.post(form, **WORDS).outcome == "posted"
        authors = [message.author_id for message in portal.timeline(DEAL, 1)]
        assert authors == [portal.administrator.id, portal.employee.id]
