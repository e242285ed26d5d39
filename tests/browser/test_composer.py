"""The composer as people use it: previewing, choosing, writing, undoing; by roles and names alone."""

import gzip

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Demo
from tests.browser.crm import Crm, frame_of
from tests.browser.states import ADD, LONG, MANY

PARTS = {
    "icon": ".entry-icon",
    "glyph": ".entry-icon svg",
    "card": ".entry-body, .entry-card",
    "title": ".entry-title b, h3.entry-title",
    "text": ".entry-text",
    "face": ".face, .entry-person",
}
# Where the parts of an entry stand, seen from its own corner, and how they are written.
MEASURE = """(entry, parts) => {
    const corner = entry.getBoundingClientRect();
    return Object.fromEntries(Object.entries(parts).map(([name, selector]) => {
        const part = entry.querySelector(selector), box = part.getBoundingClientRect(), look = getComputedStyle(part);
        return [name, {
            box: [box.x - corner.x, box.y - corner.y, box.width, box.height].map((size) => Math.round(size * 2) / 2),
            ...(name === "title" || name === "text") && {
                words: part.textContent,
                type: [look.fontSize, look.fontWeight, look.lineHeight, look.whiteSpace, look.textOverflow],
            },
        }];
    }));
}"""


pytestmark = pytest.mark.usefixtures("composer")


def title(crm: Crm) -> Locator:
    return crm.logbook.get_by_label("Title")


def text(crm: Crm) -> Locator:
    return crm.logbook.get_by_label("Text")


def history(crm: Crm) -> Locator:
    return crm.logbook.get_by_role("region", name="Latest entries")


def icon(crm: Crm, name: str) -> Locator:
    return crm.logbook.get_by_role("radio", name=name, exact=True)


class TestPreview:
    """As it will appear."""

    @pytest.mark.parametrize(
        ("head", "body"),
        [
            ("Short", "One line."),
            (LONG, MANY),
            ("&lt;b&gt; 😀 e\u0301", "one\n\ntwo &amp;amp; <i>three</i> " * 30),
            ("\u202eabc", "y" * 10_000),
        ],
    )
    def test_it_is_what_the_timeline_shows_box_by_box(self, crm: Crm, head: str, body: str) -> None:
        crm.write("Call", head, body)
        preview = crm.logbook.locator("[data-preview]")
        crm.post()
        expect(crm.logbook.get_by_role("heading", name="Posted")).to_be_visible()
        crm.page.get_by_role("tab", name="General").click()
        shown = crm.timeline.get_by_role("listitem").first
        expect(shown).to_be_visible()
        entry = shown.evaluate(MEASURE, PARTS)
        width, hour = shown.evaluate("(e) => [e.getBoundingClientRect().width, e.querySelector('time').textContent]")
        crm.page.get_by_role("tab", name="Logbook").click()
        crm.write("Call", head, body)
        # The same width and the same clock: all else is measured.
        preview.evaluate(
            "(e, [width, hour]) => { e.style.inlineSize = `${width}px`; e.querySelector('time').textContent = hour; }",
            [width, hour],
        )
        assert preview.evaluate(MEASURE, PARTS) == entry

    def test_people_see_what_will_be_lost_while_they_type(self, crm: Crm) -> None:
        hints = crm.logbook.get_by_role("region", name="As it will appear").get_by_role("listitem")
        expect(hints).to_have_count(0)
        text(crm).fill("one\ntwo")
        expect(hints).to_have_text(["Line breaks become spaces."])
        title(crm).fill("x" * 200)
        expect(hints).to_have_text(["The heading is cut off at the end of the line.", "Line breaks become spaces."])
        title(crm).fill("&amp;")
        text(crm).fill("[b]x[/b] https://example.com")
        expect(hints).to_have_count(3)

    def test_nothing_breaks_the_layout(self, crm: Crm) -> None:
        crm.write("Call", "W" * 255, "👩‍👩‍👧" * 50 + "\u202e" + "y" * 9000)
        crm.post()
        expect(crm.logbook.get_by_role("heading", name="Posted")).to_be_visible()
        expect(history(crm).get_by_role("article")).to_have_count(1)
        root = "document.documentElement"
        assert frame_of(crm.page).evaluate(f"{root}.scrollWidth <= {root}.clientWidth")


class TestWriting:
    """Keys, counters, drafts."""

    def test_typing_takes_less_than_a_frame(self, crm: Crm) -> None:
        script = """() => {
            const field = document.getElementById("text"), times = [];
            for (let number = 0; number < 9; number += 1) {
                const begun = performance.now();
                field.value = "word &amp; <b> \\n".repeat(150) + number;
                field.dispatchEvent(new Event("input", { bubbles: true }));
                document.body.getBoundingClientRect();
                times.push(performance.now() - begun);
            }
            return Math.min(...times);  // what it costs, without what else the machine was doing
        }"""
        assert frame_of(crm.page).evaluate(script) < 16

    def test_the_whole_path_goes_by_keyboard(self, crm: Crm) -> None:
        title(crm).focus()
        crm.page.keyboard.type("By hand")
        crm.page.keyboard.press("Tab")
        crm.page.keyboard.type("No mouse")
        for _ in range(3):
            crm.page.keyboard.press("Tab")
        expect(icon(crm, "Call")).to_be_focused()
        crm.page.keyboard.press("ArrowRight")
        crm.page.keyboard.press("Control+Enter")
        expect(crm.logbook.get_by_role("status").filter(has_text="Posted")).to_be_visible()
        expect(title(crm)).to_be_focused()
        expect(history(crm).get_by_role("article")).to_contain_text(["By hand"])

    def test_a_counter_comes_near_the_limit(self, crm: Crm) -> None:
        expect(crm.logbook.get_by_text("of 255")).to_be_hidden()
        title(crm).fill("😀" * 250)
        expect(crm.logbook.get_by_text("250 of 255 characters")).to_be_visible()

    def test_problems_are_shown_at_their_fields(self, crm: Crm) -> None:
        title(crm).fill("Only a title")
        crm.post()
        expect(text(crm)).to_be_focused()
        expect(text(crm)).to_have_attribute("aria-invalid", "true")
        expect(crm.logbook.get_by_role("alert")).to_contain_text("Write a text.")

    def test_escape_asks_before_it_throws_away(self, crm: Crm) -> None:
        crm.write("Call", "Precious", "Words")
        title(crm).press("Escape")
        dialog = crm.logbook.get_by_role("dialog")
        expect(dialog.get_by_role("button", name="Go on writing")).to_be_focused()
        assert dialog.evaluate("(e) => e.getBoundingClientRect().top") < 400
        crm.page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(title(crm)).to_have_value("Precious")
        title(crm).press("Escape")
        dialog.get_by_role("button", name="Discard").click()
        expect(title(crm)).to_have_value("")
        expect(title(crm)).to_be_focused()

    def test_a_draft_survives_closing_the_card(self, crm: Crm) -> None:
        with crm.page.expect_response("**/drafts"):
            crm.write("Wallet", "Half a thought", "which goes on")
        crm.open_deal(1)
        crm.open_tab()
        expect(title(crm)).to_have_value("Half a thought")
        expect(text(crm)).to_have_value("which goes on")
        expect(icon(crm, "Wallet")).to_be_checked()
        crm.post()
        expect(title(crm)).to_have_value("")
        crm.open_deal(1)
        crm.open_tab()
        expect(title(crm)).to_have_value("")
        expect(icon(crm, "Wallet")).to_be_checked()


class TestEntries:
    """The history."""

    def test_one_can_be_taken_back_and_that_can_be_undone(self, crm: Crm) -> None:
        for name in ("Alpha", "Omega"):
            crm.write("Call", name, "Words")
            crm.post()
            expect(history(crm).get_by_role("article").first).to_contain_text(name)
        omega = history(crm).get_by_role("listitem").filter(has_text="Omega")
        omega.get_by_role("button", name="Delete").click()
        expect(history(crm).get_by_role("article")).to_have_count(1)
        undo = crm.logbook.get_by_role("button", name="Undo")
        expect(undo).to_be_focused()
        undo.click()
        expect(history(crm).get_by_role("article")).to_have_count(2)
        omega.get_by_role("button", name="Delete").click()
        expect(crm.logbook.get_by_role("heading", name="Deleted")).to_be_visible()
        expect(history(crm).get_by_role("article")).to_have_count(1)
        crm.page.reload()
        expect(crm.entry("Omega")).to_have_count(0)
        expect(crm.entry("Alpha")).to_have_count(1)

    def test_older_ones_come_on_demand(self, demo: Demo, crm: Crm) -> None:
        demo.write(crm.address, [f"Entry {number}" for number in range(12)])
        crm.open_deal(1)
        crm.open_tab()
        expect(history(crm).get_by_role("article")).to_have_count(10)
        title(crm).fill("Half a thought")
        crm.logbook.get_by_role("button", name="Show older entries").click()
        expect(history(crm).get_by_role("article")).to_have_count(12)
        expect(crm.logbook.get_by_role("heading", name="Entry 1", exact=True)).to_be_focused()
        expect(crm.logbook.get_by_role("button", name="Show older entries")).to_have_count(0)
        expect(title(crm)).to_have_value("Half a thought")

    def test_a_waiting_one_is_tried_again(self, demo: Demo, crm: Crm) -> None:
        demo.control(crm.address, "refuse", code="OVERLOAD_LIMIT", method=ADD, times=0)
        crm.write("Call", "Waits", "Words")
        crm.post()
        expect(history(crm).get_by_role("article")).to_contain_text(["Waiting to be sent"])
        demo.control(crm.address, "calm")
        history(crm).get_by_role("button", name="Try again").click()
        expect(crm.logbook.get_by_role("heading", name="Posted")).to_be_visible()
        expect(history(crm).get_by_text("Waiting to be sent")).to_have_count(0)
        expect(crm.entry("Waits")).to_have_count(1)


def test_the_tab_is_small_and_asks_nobody_else(demo: Demo, crm: Crm, page: Page) -> None:
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: len(gzip.compress(answer.body()))}))
    crm.open_deal(1)
    crm.open_tab()
    page.wait_for_load_state("networkidle")
    ours = {url: size for url, size in sizes.items() if url.startswith(demo.logbook)}
    others = [url for url in sizes if not url.startswith((demo.logbook, crm.address))]
    assert (others, len(ours) <= 11) == ([], True), ours
    assert sum(ours.values()) <= 30 * 1024, ours
