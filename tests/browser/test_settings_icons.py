"""Icons as an administrator arranges them in the settings, and the effect in the composer; by roles and names."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.crm import BEN, Crm, PlainCrm, frame_of
from tests.browser.test_access import violations

DROP = """(field, [bytes, name, type]) => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(bytes)], name, { type }));
    for (const kind of ["dragover", "drop"]) {
        field.dispatchEvent(new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true }));
    }
}"""


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A portal's administrator in the section of the settings."""
    crm.open_settings("Icons")
    return crm


def picture() -> bytes:
    made = BytesIO()
    Image.new("RGBA", (300, 200), (230, 120, 20, 255)).save(made, "PNG")
    return made.getvalue()


def payload(name: str, kind: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


def row(crm: Crm, name: str) -> Locator:
    return crm.logbook.get_by_role("listitem").filter(has=crm.page.get_by_role("checkbox", name=name, exact=True))


def said(crm: Crm, words: str) -> Locator:
    return crm.logbook.get_by_role("status").filter(has_text=words)


def open_composer(crm: Crm) -> None:
    crm.open_deal(1)
    crm.act_as(BEN)
    crm.open_deal(1)
    crm.open_tab()


def test_what_is_arranged_by_keys_is_what_people_are_offered(crm: Crm) -> None:
    up = row(crm, "Incoming call").get_by_role("button", name="Up")
    up.focus()
    crm.page.keyboard.press("Enter")
    expect(said(crm, "Incoming call: place 2 of 49")).to_be_visible()
    expect(up).to_be_focused()
    crm.page.keyboard.press("Enter")
    crm.logbook.get_by_role("searchbox", name="Find an icon").fill("funnel")
    expect(said(crm, "1 of 49 icons")).to_be_visible()
    row(crm, "Pipeline").get_by_role("button", name="To the top").click()
    crm.press("Offer none")
    crm.logbook.get_by_role("searchbox").press("Escape")
    crm.logbook.get_by_label("The icon to begin with").select_option("Task")
    assert violations(frame_of(crm.page)) == []
    crm.press("Save")
    expect(crm.logbook.get_by_role("heading", name="Saved")).to_be_visible()
    open_composer(crm)
    radios = crm.logbook.get_by_role("radio")
    expect(radios).to_have_count(48)
    expect(radios.first).to_have_accessible_name("Incoming call")
    expect(crm.logbook.get_by_role("radio", name="Pipeline")).to_have_count(0)
    expect(crm.logbook.get_by_role("radio", name="Task", exact=True)).to_be_checked()


def test_an_icon_of_ones_own_is_seen_first_added_and_posted_with(crm: Crm) -> None:
    crm.logbook.get_by_label("Picture").set_input_files(payload("birthday_party.png", "image/png", picture()))
    expect(crm.logbook.get_by_label("Name of the icon")).to_have_value("Birthday party")
    expect(crm.logbook.get_by_role("heading", name="As it will appear")).to_be_visible()
    crm.press("Add")
    expect(crm.logbook.get_by_role("heading", name="The icon was added")).to_be_visible()
    assert violations(frame_of(crm.page)) == []
    open_composer(crm)
    crm.write("Birthday party", "Fifty years", "They invite us.")
    crm.post()
    expect(crm.logbook.get_by_role("heading", name="Posted")).to_be_visible()
    crm.page.get_by_role("tab", name="General").click()
    expect(crm.entry("Fifty years")).to_be_visible()


def test_files_that_cannot_be_icons_are_refused_before_they_are_sent(crm: Crm) -> None:
    name, field = crm.logbook.get_by_label("Name of the icon"), crm.logbook.get_by_label("Picture")
    name.fill("Party")
    alert = crm.logbook.get_by_role("alert")
    for kind, content, words in (
        ("image/svg+xml", b"<svg/>", "This is no PNG, JPEG, WebP or GIF picture."),
        ("image/png", b"Just words", "This is no PNG, JPEG, WebP or GIF picture."),
        ("image/png", b"\0" * 1_000_001, "A picture may have up to 1 MB."),
    ):
        field.set_input_files(payload("party.png", kind, content))
        expect(alert.filter(has_text=words)).to_be_visible()
    crm.press("Add")
    expect(field).to_be_focused()
    expect(name).to_have_value("Party")
    field.evaluate(DROP, [list(picture()), "dropped.png", "image/png"])
    expect(crm.logbook.get_by_role("heading", name="As it will appear")).to_be_visible()
    name.press("Enter")
    expect(row(crm, "Party")).to_be_visible()
    row(crm, "Party").get_by_role("button", name="Remove").click()
    expect(crm.logbook.get_by_role("heading", name="Remove “Party”?")).to_be_visible()
    crm.logbook.get_by_role("alert").get_by_role("button", name="Remove").click()
    expect(crm.logbook.get_by_role("heading", name="The icon was removed")).to_be_visible()
    expect(row(crm, "Party")).to_have_count(0)


def test_without_script_all_of_it_goes_by_plain_forms(crm: Crm, page_without_script: Page) -> None:
    plain = PlainCrm(page_without_script, crm.address)
    plain.page.goto(f"{crm.address}/marketplace/app/1/")
    if no_script := plain.page.get_by_role("button", name="Open Logbook").all():
        no_script[0].click()
    plain.press("Icons")
    row(plain, "Call").get_by_role("checkbox").uncheck()
    plain.click(row(plain, "Missed call").get_by_role("button", name="Up"))
    expect(row(plain, "Call").get_by_role("checkbox")).not_to_be_checked()
    plain.logbook.get_by_label("Name of the icon").fill("Party")
    plain.logbook.get_by_label("Picture").set_input_files(payload("party.png", "image/png", picture()))
    plain.press("Preview")
    expect(plain.logbook.get_by_role("heading", name="As it will appear")).to_be_visible()
    plain.press("Add")
    expect(plain.logbook.get_by_role("heading", name="The icon was added")).to_be_visible()
    plain.press("Save")
    expect(plain.logbook.get_by_role("heading", name="Saved")).to_be_visible()
    open_composer(crm)
    expect(crm.logbook.get_by_role("radio").first).to_have_accessible_name("Missed call")
    expect(crm.logbook.get_by_role("radio").last).to_have_accessible_name("Party")
    expect(crm.logbook.get_by_role("radio", name="Call", exact=True)).to_have_count(0)
