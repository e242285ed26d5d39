"""The main task as a person does it: install, open a deal, open the tab, write, and see the entry on the timeline."""

import operator
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Demo, Witness, open_page
from tests.browser.crm import ANNA, BEN, CLARA, Crm, PlainCrm, frame_of

PATIENCE_SECONDS = 30
HEAR = "window.heard = []; window.addEventListener('message', (event) => window.heard.push(String(event.data)))"


@pytest.fixture
def crm(demo: Demo, page: Page) -> Crm:
    """A portal in which the administrator has installed Logbook."""
    page.add_init_script(HEAR)
    crm = Crm(page, demo.new_portal())
    crm.install()
    return crm


@pytest.fixture
def colleague(browser: Browser, crm: Crm) -> Iterator[Crm]:
    """Another person of the same portal, at their own computer."""
    for page in open_page(browser, Witness()):
        yield Crm(page, crm.address)


def heard(crm: Crm) -> list[str]:
    """What frames have sent to the portal's page, without parameters and numbers."""
    return [message.partition(":")[0] for message in crm.page.evaluate("window.heard")]


def heights(crm: Crm) -> tuple[int, int]:
    """How high the portal has made the frame, and how high its content is."""
    box = crm.page.locator("iframe").bounding_box()
    assert box
    content = frame_of(crm.page).evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)")
    return round(box["height"]), content


def expect_fitting(crm: Crm) -> None:
    """Waits until the frame is as high as its content, which may still be growing when this is asked."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while abs(operator.sub(*heights(crm))) > 1:
        assert time.monotonic() < deadline, heights(crm)
        crm.page.wait_for_timeout(50)


def test_an_employee_writes_an_entry_that_appears_under_their_name(demo: Demo, crm: Crm, witness: Witness) -> None:
    crm.act_as(BEN)
    crm.open_deal(1)
    crm.open_tab()
    expect(crm.logbook.get_by_text("Bakery ovens, second branch")).to_be_visible()
    crm.write("Comment", "Called about the offer", "They want it <b>by Friday</b>.")
    frame_of(crm.page).evaluate("window.isSamePage = true")
    crm.post()

    expect(crm.logbook.get_by_role("heading", name="Posted")).to_be_visible()
    expect(crm.logbook.get_by_role("article")).to_contain_text(["Called about the offer"])
    assert frame_of(crm.page).evaluate("window.isSamePage")
    assert "reloadData" in heard(crm)
    crm.page.get_by_role("tab", name="General").click()
    entry = crm.entry("Called about the offer")
    expect(entry).to_be_visible()
    expect(entry.get_by_role("img", name=BEN)).to_be_visible()
    expect(entry).to_contain_text("They want it <b>by Friday</b>.")

    assert witness.console == []
    assert witness.failed == []
    assert witness.origins == {crm.address, demo.logbook}
    assert witness.cookies_of(demo.logbook) == []


def test_installing_ends_by_telling_the_portal_once(crm: Crm, witness: Witness) -> None:
    assert witness.posted.count("/_box/frame/install-finish") == 1
    assert witness.posted.count("/install") == 1
    assert witness.posted.count("/") == 1


def test_the_composer_is_ready_for_the_next_entry(crm: Crm) -> None:
    crm.open_deal(2)
    crm.open_tab()
    for title in ("First", "Second"):
        crm.write("Call", title, "Text")
        crm.post()
        expect(crm.logbook.get_by_role("article").first).to_contain_text(title)
        expect(crm.logbook.get_by_label("Title")).to_have_value("")
        expect(crm.logbook.get_by_label("Text")).to_have_value("")
        expect(crm.logbook.get_by_role("button", name="Post")).to_be_enabled()
    crm.page.get_by_role("tab", name="General").click()
    expect(crm.timeline.get_by_role("listitem")).to_contain_text(["Second", "First", "Deal created"])


def test_the_frame_is_always_as_high_as_its_content(crm: Crm) -> None:
    crm.open_deal(2)
    crm.open_tab()
    expect_fitting(crm)
    before = heights(crm)[1]
    crm.post()
    expect(crm.logbook.get_by_role("alert")).to_be_visible()
    expect_fitting(crm)
    assert heights(crm)[1] > before
    crm.write("Comment", "Long", "word " * 1500)
    # By the keyboard, since the preview grows and moves the button.
    crm.logbook.get_by_label("Text").press("Control+Enter")
    expect(crm.logbook.get_by_role("heading", name="Posted")).to_be_visible()
    expect_fitting(crm)


def test_a_permission_that_expired_on_the_way_is_renewed(demo: Demo, crm: Crm) -> None:
    crm.open_deal(1)
    crm.open_tab()
    crm.write("Comment", "After a long lunch", "Text")
    demo.control(crm.address, "expire-tokens")
    crm.post()
    expect(crm.logbook.get_by_role("heading", name="Posted")).to_be_visible()
    expect(crm.entry("After a long lunch")).to_be_attached()


def test_one_without_the_right_to_edit_reads_why_and_keeps_his_words(crm: Crm) -> None:
    crm.act_as(CLARA)
    crm.open_deal(2)
    crm.open_tab()
    crm.write("Comment", "May I?", "Perhaps not")
    crm.post()
    expect(crm.logbook.get_by_role("alert")).to_contain_text("You may not write on this card")
    expect(crm.logbook.get_by_label("Title")).to_have_value("May I?")
    expect(crm.logbook.get_by_label("Text")).to_have_value("Perhaps not")
    assert "reloadData" not in heard(crm)


def test_two_people_of_a_portal_write_under_their_own_names(crm: Crm, colleague: Crm) -> None:
    for who, person in ((crm, ANNA), (colleague, BEN)):
        who.page.goto(f"{who.address}/market/")
        who.act_as(person)
        who.open_deal(3)
        who.open_tab()
    for who, title in ((crm, "From Anna"), (colleague, "From Ben")):
        who.write("Comment", title, "Text")
        who.post()
        expect(who.logbook.get_by_role("heading", name="Posted")).to_be_visible()
    for title, author in (("From Anna", ANNA), ("From Ben", BEN)):
        for who in (crm, colleague):
            name = who.entry(title).get_by_role("img", name=author, include_hidden=True)
            expect(name).to_be_attached()


def test_two_portals_know_nothing_of_each_other(demo: Demo, crm: Crm) -> None:
    crm.open_deal(1)
    crm.open_tab()
    crm.write("Comment", "Only here", "Text")
    crm.post()
    expect(crm.entry("Only here")).to_be_attached()

    other = Crm(crm.page, demo.new_portal("on-premise", "Elsewhere"))
    other.install()
    other.open_deal(1)
    other.open_tab()
    expect(other.logbook.get_by_role("heading", name="Nothing written yet")).to_be_visible()
    expect(other.entry("Only here")).to_have_count(0)


def test_without_script_the_same_is_done_by_plain_forms(
    demo: Demo, page_without_script: Page, witness: Witness
) -> None:
    plain = PlainCrm(page_without_script, demo.installed_portal())
    plain.open_deal(1)
    plain.act_as(BEN)
    plain.open_tab()
    plain.write("Document", "Sent by hand", "One\nTwo")
    plain.post()
    expect(plain.logbook.get_by_role("heading", name="Posted")).to_be_visible()
    expect(plain.logbook.get_by_role("article")).to_contain_text(["Sent by hand"])
    expect(plain.logbook.get_by_label("Title")).to_have_value("")

    plain.open_deal(1)
    expect(plain.entry("Sent by hand").get_by_role("img", name=BEN)).to_be_visible()
    assert witness.console == []
    assert witness.cookies_of(demo.logbook) == []
    assert witness.origins == {plain.address, demo.logbook}
