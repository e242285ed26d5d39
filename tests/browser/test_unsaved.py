"""What was changed in the settings and not saved is not left behind without a question."""

from playwright.sync_api import Dialog, expect

from tests.browser.crm import Crm


def test_a_section_with_changes_is_left_only_by_somebody_who_means_it(crm: Crm) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    crm.open_settings("Who may write")
    administrators = crm.logbook.get_by_role("radio", name="Administrators of this Bitrix24")
    administrators.check()
    crm.page.on("dialog", stay)
    crm.press("Icons")
    expect(administrators).to_be_checked()
    crm.press("Where it shows")
    expect(administrators).to_be_checked()
    crm.page.remove_listener("dialog", stay)
    assert asked == ["beforeunload", "beforeunload"]

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


def test_what_was_refused_is_still_unsaved(crm: Crm) -> None:
    crm.open_settings("Who may write")
    crm.logbook.get_by_role("radio", name="Chosen people").check()
    crm.press("Save")
    expect(crm.logbook.get_by_role("alert").first).to_be_visible()
    with crm.page.expect_event("dialog") as question:
        crm.press("Icons")
        question.value.accept()
    expect(crm.logbook.get_by_role("heading", name="Icons", level=1)).to_be_visible()
