"""Writing in the portal's own interface: what a person finds, types and reads above the timeline."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Demo, Witness
from tests.browser.crm import Crm

ADD = "crm.timeline.logmessage.add"
BUTTON = "Deal: Button above the timeline"


@pytest.fixture
def native(crm: Crm) -> Crm:
    """A deal whose button opens the native form."""
    crm.open_settings("Where it shows")
    crm.logbook.get_by_role("combobox", name=BUTTON).select_option("A form that Bitrix24 draws")
    crm.press("Save")
    expect(crm.logbook.get_by_role("status")).to_contain_text("Saved")
    crm.open_deal(1)
    return crm


def area(crm: Crm) -> Locator:
    return crm.page.get_by_role("region", name="Logbook", exact=True)


def open_area(crm: Crm) -> Locator:
    crm.page.get_by_role("toolbar").get_by_role("button", name="Logbook").click()
    return area(crm)


def write(form: Locator, title: str, text: str) -> None:
    expect(form.get_by_label("Title")).to_be_editable()
    form.get_by_label("Title").fill(title)
    form.get_by_label("Text").fill(text)


def test_an_entry_is_written_without_leaving_the_timeline(native: Crm, witness: Witness) -> None:
    form = open_area(native)
    expect(form.get_by_role("button", name="Post")).to_be_enabled()
    picture = form.locator("img")
    expect(picture).to_have_js_property("naturalWidth", 48)
    before = picture.get_attribute("src")
    form.get_by_label("Icon").select_option("Comment")
    expect(picture).not_to_have_attribute("src", before or "")
    # What is wrong stands at its field, and what was typed stays.
    form.get_by_label("Text").fill("They agreed.")
    form.get_by_role("button", name="Post").click()
    expect(form.get_by_label("Title")).to_have_accessible_description("Write a title.")
    expect(form).to_contain_text("Nothing was sent yet")
    expect(form.get_by_label("Text")).to_have_value("They agreed.")
    form.get_by_label("Title").fill("Called")
    form.get_by_role("button", name="☐ Northwind Bakery · Company").click()
    expect(form.get_by_role("button", name="☑ Northwind Bakery · Company")).to_be_visible()
    form.get_by_role("button", name="Post").dblclick()
    expect(form).to_contain_text("It is also on: “Northwind Bakery”.")
    expect(native.entry("Called")).to_have_count(1)
    expect(native.entry("Called")).to_contain_text("They agreed.")
    expect(form.get_by_label("Title")).to_have_value("")
    expect(form.get_by_label("Icon")).to_have_value(".comment")
    assert witness.posted.count("/native/entries") == 2
    # The next one needs no new frame, and what was said of the first is over.
    write(form, "Called again", "Nobody answered.")
    expect(form).not_to_contain_text("It is also on", use_inner_text=True)
    form.get_by_role("button", name="Post").click()
    expect(native.entry("Called again")).to_be_visible()
    assert witness.posted.count("/native") == 1
    form.get_by_role("button", name="Close").click()
    expect(form).to_be_hidden()
    assert witness.failed == []


def test_the_portal_in_a_box_has_room_for_the_form_on_a_narrow_screen(native: Crm) -> None:
    native.page.set_viewport_size({"width": 400, "height": 800})
    form = open_area(native)
    expect(form.get_by_label("Title")).to_be_editable()
    wide = native.page.evaluate(
        "[...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > 401)"
        ".map((one) => `${one.tagName}.${one.className} ${one.getBoundingClientRect().right}`).slice(0, 30)"
    )
    assert native.page.evaluate("document.scrollingElement.scrollWidth") <= 400, wide


def test_a_refusal_is_drawn_and_nothing_typed_is_lost(demo: Demo, native: Crm) -> None:
    form = open_area(native)
    write(form, "Called", "They agreed.")
    demo.control(native.address, "refuse", code="ACCESS_DENIED", method=ADD, times=1)
    form.get_by_role("button", name="Post").click()
    expect(form).to_contain_text("You may not write on this card.")
    expect(form.get_by_label("Title")).to_have_value("Called")
    # Nothing answers: it is said, and the same press tries again.
    native.page.route("**/native/entries", lambda route: route.abort())
    form.get_by_role("button", name="Post").click()
    expect(form).to_contain_text("Logbook did not answer")
    expect(form.get_by_label("Text")).to_have_value("They agreed.")
    native.page.unroute("**/native/entries")
    form.get_by_role("button", name="Post").click()
    expect(form).to_contain_text("Your entry is on the timeline.")
    expect(native.entry("Called")).to_have_count(1)


def test_a_draft_that_could_not_be_saved_is_saved_later_and_only_then_called_kept(
    native: Crm, witness: Witness
) -> None:
    failures = iter([500, 503])
    native.page.route("**/drafts", lambda route: route.fulfill(status=next(failures)), times=2)
    form = open_area(native)
    for _ in range(2):
        with native.page.expect_response("**/drafts"):
            if not witness.posted.count("/drafts"):
                write(form, "Called", "They agreed.")
        expect(form).not_to_contain_text("Draft kept")
    expect(form).to_contain_text("Draft kept", timeout=20_000)
    assert witness.posted.count("/drafts") == 3
    form.get_by_label("Text").fill("They agreed at once.")
    expect(form).not_to_contain_text("Draft kept")
    expect(form).to_contain_text("Draft kept")
    native.open_deal(1)
    expect(open_area(native).get_by_label("Text")).to_have_value("They agreed at once.")


def test_a_refused_frame_can_be_opened_again(demo: Demo, native: Crm) -> None:
    demo.control(native.address, "html", method="batch", times=1)
    form = open_area(native)
    expect(form).to_contain_text("Bitrix24 does not answer")
    form.get_by_role("button", name="Try again").click()
    write(form, "Called", "They agreed.")
    # The session in the form has expired: it is opened again with its text.
    forged = {"status": 401, "json": {"kind": "expired", "notice": None, "again": "open", "blocks": None, "origin": ""}}
    native.page.route("**/native/entries", lambda route: route.fulfill(**forged), times=1)
    form.get_by_role("button", name="Post").click()
    form.get_by_role("button", name="Try again").click()
    expect(form.get_by_role("button", name="Post")).to_be_enabled()
    expect(form.get_by_label("Title")).to_have_value("Called")
    form.get_by_role("button", name="Post").click()
    expect(native.entry("Called")).to_contain_text("They agreed.")


@pytest.mark.parametrize("answers", ["silent", "refused"])
def test_a_portal_that_does_not_draw_as_asked_leaves_nobody_waiting(demo: Demo, native: Crm, answers: str) -> None:
    demo.control(native.address, "dialect-native-answers", value=answers)
    native.open_deal(1)
    form = open_area(native)
    if answers == "refused":
        return expect(form).to_be_hidden()
    write(form, "Called", "They agreed.")
    form.get_by_role("button", name="Post").click()
    expect(native.entry("Called")).to_be_visible()
    return None
