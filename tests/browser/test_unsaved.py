"""Unsaved changes in the settings are not lost without a question."""

from playwright.sync_api import expect

from tests.browser.crm import Crm
from tests.browser.test_settings_icons import payload, picture, row


def test_a_section_with_changes_is_left_only_by_somebody_who_means_it(crm: Crm) -> None:
    crm.open_settings("Who may write")
    administrators = crm.logbook.get_by_role("radio", name="Administrators of this Bitrix24")
    administrators.check()
    for section in ("Icons", "Where it shows"):
        stay(crm, section)
        expect(administrators).to_be_checked()

    crm.page.once("dialog", lambda dialog: dialog.accept())
    crm.press("Icons")
    expect(crm.logbook.get_by_role("heading", name="Icons", level=1)).to_be_visible()


def test_what_is_saved_or_unchanged_is_left_without_a_question(crm: Crm) -> None:
    asked: list[str] = []
    crm.page.on("dialog", lambda dialog: asked.append(dialog.type))
    crm.open_settings("Who may write")
    crm.logbook.get_by_role("radio", name="Administrators of this Bitrix24").check()
    crm.press("Save")
    expect(crm.logbook.get_by_role("heading", name="Saved")).to_be_visible()
    for section in ("Icons", "Templates", "Where it shows", "Overview"):
        crm.press(section)
        expect(crm.logbook.get_by_role("button", name=section, exact=True)).to_have_attribute("aria-current", "page")
    assert asked == []


def test_what_an_answer_shows_unsaved_is_not_left_without_a_question(crm: Crm) -> None:
    crm.open_settings("Icons")
    row(crm, "Call").get_by_role("button", name="Down").click()
    crm.logbook.get_by_label("Picture").set_input_files(payload("party.png", "image/png", picture()))
    crm.press("Add")
    expect(crm.logbook.get_by_role("heading", name="The icon was added")).to_be_visible()
    stay(crm)
    row(crm, "Party").get_by_role("button", name="Remove").click()
    crm.press("Keep it")
    expect(crm.logbook.get_by_role("heading", name="Remove “Party”?")).to_have_count(0)
    stay(crm)
    crm.press("Save")
    expect(crm.logbook.get_by_role("heading", name="Saved")).to_be_visible()
    rows = crm.logbook.get_by_role("listitem").filter(has=crm.page.get_by_role("checkbox"))
    expect(rows.nth(1).get_by_role("checkbox", name="Call", exact=True)).to_be_visible()
    asked: list[str] = []
    crm.page.on("dialog", lambda dialog: asked.append(dialog.type))
    crm.press("Templates")
    expect(crm.logbook.get_by_role("heading", name="Templates", level=1)).to_be_visible()
    assert asked == []


def stay(crm: Crm, section: str = "Templates") -> None:
    """Begin to leave for another section, and answer the question that this has to meet by no."""
    # From a listener: while the question stands, some Chromium keeps the click waiting.
    crm.page.once("dialog", lambda question: question.dismiss())
    with crm.page.expect_event("dialog") as asked:
        crm.press(section)
    assert asked.value.type == "beforeunload"
