"""Templates as people use them: prepared on the settings page, inserted in the composer; by roles and names alone."""

from contextlib import nullcontext

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.crm import BEN, Crm, PlainCrm, frame_of
from tests.browser.test_access import violations
from tests.browser.test_unsaved import stay


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A portal's administrator in the section of the settings."""
    crm.open_settings("Templates")
    return crm


@pytest.fixture
def plain(crm: Crm, page_without_script: Page) -> Crm:
    """The same portal for somebody without script."""
    return PlainCrm(page_without_script, crm.address)


def title(crm: Crm) -> Locator:
    return crm.logbook.get_by_label("Title", exact=True)


def text(crm: Crm) -> Locator:
    return crm.logbook.get_by_label("Text", exact=True)


def rows(crm: Crm) -> Locator:
    return crm.logbook.get_by_role("main").get_by_role("listitem").filter(has_text="kind of card")


def make(
    crm: Crm, name: str, head: str = "Offer to {card}", body: str = "Sent by {author}.", icon: str = "Document"
) -> None:
    crm.press("New template")
    crm.logbook.get_by_label("Name on the button").fill(name)
    title(crm).fill(head)
    text(crm).fill(body)
    crm.logbook.get_by_role("radio", name=icon, exact=True).check()
    crm.press("Save")


def open_composer(crm: Crm) -> None:
    crm.open_deal(1)
    crm.act_as(BEN)
    crm.open_deal(1)
    crm.open_tab()


def test_a_template_that_an_administrator_prepares_and_fixes_ends_up_on_the_timeline(crm: Crm) -> None:
    crm.press("New template")
    crm.logbook.get_by_label("Name on the button").fill("Offer sent")
    title(crm).fill("Offer to ")
    crm.logbook.get_by_role("button", name="Insert {card}").click()
    expect(title(crm)).to_have_value("Offer to {card}")
    preview = crm.logbook.get_by_role("region", name="As it will appear")
    expect(preview.get_by_role("heading", name="Offer to Deal 1")).to_be_visible()
    text(crm).fill("By {customer}, {today}.")
    crm.press("Save")
    alert = crm.logbook.get_by_role("alert")
    expect(alert).to_contain_text("There is no placeholder {customer}; there are {card}, {number}, {author}, ")
    expect(text(crm)).to_have_value("By {customer}, {today}.")
    expect(text(crm)).to_have_attribute("aria-invalid", "true")
    assert violations(frame_of(crm.page)) == []
    text(crm).fill("By {author}, {today}.")
    crm.logbook.get_by_role("searchbox", name="Find an icon").fill("document")
    crm.logbook.get_by_role("radio", name="Document", exact=True).check()
    expect(preview).to_contain_text("By Anna Keller, ")
    expect(preview.get_by_role("img", name="Document")).to_be_visible()
    crm.press("Save")
    expect(crm.logbook.get_by_role("status")).to_contain_text("“Offer sent” is offered from now on.")
    expect(rows(crm)).to_have_count(1)

    open_composer(crm)
    crm.press("Offer sent")
    expect(title(crm)).to_be_focused()
    expect(title(crm)).to_have_value("Offer to Bakery ovens, second branch")
    expect(crm.logbook.get_by_role("status").filter(has_text="Inserted: Offer sent")).to_be_visible()
    expect(crm.logbook.get_by_role("radio", name="Document", exact=True)).to_be_checked()
    title(crm).press("End")
    crm.page.keyboard.type(" (2)")
    crm.post()
    expect(crm.logbook.get_by_role("heading", name="Posted")).to_be_visible()
    expect(crm.entry("Offer to Bakery ovens, second branch (2)")).to_contain_text("By Ben Okafor, ")


def test_the_preview_keeps_up_with_somebody_in_a_hurry_and_with_one_who_stays(crm: Crm) -> None:
    asked: list[Route] = []

    def hold_the_first(route: Route) -> None:
        asked.append(route)
        if len(asked) > 1:
            route.continue_()

    crm.press("New template")
    preview = crm.logbook.get_by_role("region", name="As it will appear")
    crm.page.route("**/templates/preview", hold_the_first)
    for icon in ("Call", "Document", "Task", "Pipeline", "Wallet"):
        with crm.page.expect_request("**/templates/preview") if not asked else nullcontext():
            crm.logbook.get_by_role("radio", name=icon, exact=True).check()
    asked[0].continue_()
    expect(preview.get_by_role("img", name="Wallet")).to_be_visible()

    stay(crm)
    title(crm).fill("Second thoughts")
    title(crm).press("Tab")
    expect(preview.get_by_role("heading", name="Second thoughts")).to_be_visible()
    # The one that was under way, one for all that was changed meanwhile, and this one.
    assert len(asked) == 3


def test_somebody_keeps_what_they_typed_as_a_template_of_their_own(composer: Crm) -> None:
    composer.write("Call", "Offer about two ovens", "They want it by Friday.")
    composer.press("Save as a template")
    expect(composer.logbook.get_by_label("Name on the button")).to_have_value("Offer about two ovens")
    preview = composer.logbook.get_by_role("region", name="As it will appear")
    text(composer).fill("Worth ")
    composer.logbook.get_by_label("A field of the card").select_option("{field.opportunity}")
    composer.logbook.get_by_label("A field of the card").locator("..").get_by_role("button", name="Insert").click()
    expect(text(composer)).to_have_value("Worth {field.opportunity}")
    expect(preview).to_contain_text("Worth €18,400.00")
    assert violations(frame_of(composer.page)) == []
    composer.press("Save")
    expect(composer.logbook.get_by_role("status")).to_contain_text("“Offer about two ovens” is among your templates.")
    assert violations(frame_of(composer.page)) == []
    composer.press("Back to the card")
    expect(text(composer)).to_have_value("They want it by Friday.")
    own = composer.logbook.get_by_role("group", name="Your templates")
    own.get_by_role("button", name="Offer about two ovens").click()
    expect(text(composer)).to_have_value("They want it by Friday.\nWorth €18,400.00")
    assert violations(frame_of(composer.page)) == []
    composer.post()
    expect(composer.entry("Offer about two ovens")).to_contain_text("Worth €18,400.00")


def test_they_are_moved_in_place_and_the_focus_stays(crm: Crm) -> None:
    for name in ("One", "Two", "Three"):
        make(crm, name)
        expect(rows(crm).last).to_contain_text(name)
    frame_of(crm.page).evaluate("window.isSamePage = true")
    up = rows(crm).filter(has_text="Three").get_by_role("button", name="Up")
    up.press("Enter")
    up.press("Enter")
    expect(rows(crm)).to_contain_text(["Three", "One", "Two"])
    expect(rows(crm).first.get_by_role("button", name="Down")).to_be_focused()
    expect(crm.logbook.get_by_role("status")).to_contain_text("“Three” is no. 1 now.")
    assert frame_of(crm.page).evaluate("window.isSamePage")
    assert violations(frame_of(crm.page)) == []
    open_composer(crm)
    buttons = crm.logbook.get_by_role("group", name="Templates", exact=True).get_by_role("button")
    expect(buttons).to_have_text(["Three", "One", "Two"])
    assert violations(frame_of(crm.page)) == []


def test_nothing_typed_is_lost_with_script_or_without(crm: Crm, plain: Crm) -> None:
    make(crm, "Offer sent")
    expect(rows(crm)).to_have_count(1)
    open_composer(crm)
    text(crm).fill("Mine")

    def slow(route: Route) -> None:
        text(crm).fill("Mine and more")
        title(crm).fill("My title")
        crm.logbook.get_by_role("radio", name="Wallet", exact=True).check()
        route.continue_()

    crm.page.route("**/templates", slow)
    with crm.page.expect_response(lambda answer: answer.ok and "more%0ASent" in (answer.request.post_data or "")):
        crm.press("Offer sent")
        expect(text(crm)).to_have_value("Mine and more\nSent by Ben Okafor.")
    expect(title(crm)).to_have_value("My title")
    expect(crm.logbook.get_by_role("radio", name="Wallet", exact=True)).to_be_checked()

    open_composer(plain)
    plain.press("Offer sent")
    expect(plain.logbook.get_by_role("status").filter(has_text="Inserted")).to_be_visible()
    expect(text(plain)).to_have_value("Mine and more\nSent by Ben Okafor.")
    title(plain).press("Enter")
    expect(plain.logbook.get_by_role("heading", name="Posted")).to_be_visible()
