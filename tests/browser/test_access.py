"""Accessibility: axe in every state, light and dark, narrow and enlarged, and without motion."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, expect

from tests.browser.conftest import Demo
from tests.browser.crm import Crm, frame_of
from tests.browser.states import SETTINGS, STATES, empty, posted, typed

AXE = Axe().axe_script
RUN = "(options) => axe.run(options).then((result) => result.violations)"
EVERYTHING = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice")
# All that another colour scheme can change.
CONTRAST = ("color-contrast",)
IS_WHOLE = "(title) => title.scrollWidth <= title.clientWidth && title.scrollHeight <= title.clientHeight"


def ours(crm: Crm) -> Frame:
    """Our page: in the frame, or in the whole window."""
    frames = [frame for frame in crm.page.frames if frame.parent_frame]
    return frames[0] if frames else crm.page.main_frame


def violations(frame: Frame, rules: tuple[str, ...] = EVERYTHING) -> list[str]:
    frame.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
    if frame.evaluate("!window.axe"):
        frame.evaluate(AXE)
    found = frame.evaluate(RUN, {"resultTypes": ["violations"], "runOnly": list(rules)})
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]


@pytest.mark.timeout(300)
def test_axe_finds_nothing_in_any_state(demo: Demo, crm: Crm) -> None:
    found = {}
    for name, reach in STATES.items():
        reach(demo, crm)
        found[name] = violations(ours(crm), EVERYTHING)
        crm.page.emulate_media(color_scheme="dark")
        found[f"{name} in the dark"] = violations(ours(crm), CONTRAST)
        crm.page.emulate_media(color_scheme="light")
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_the_settings_can_be_read_in_the_dark(demo: Demo, crm: Crm) -> None:
    """In the light, each section's own tests ask for everything."""
    crm.page.emulate_media(color_scheme="dark")
    found = {}
    for name, reach in SETTINGS.items():
        reach(demo, crm)
        found[name] = violations(ours(crm), CONTRAST)
    assert {name: problems for name, problems in found.items() if problems} == {}


@pytest.mark.parametrize("zoom", [1, 2])
def test_nothing_is_cut_off_in_a_narrow_frame(demo: Demo, crm: Crm, zoom: int) -> None:
    posted(demo, crm)
    typed(demo, crm)
    frame = frame_of(crm.page)
    crm.page.locator("iframe").evaluate("(frame) => { frame.style.maxWidth = '360px'; }")
    frame.evaluate(f"document.documentElement.style.fontSize = '{zoom * 100}%'")
    # Asked again and again by the clock: a frame outside the window is not painted.
    frame.wait_for_function("() => innerWidth <= 360", polling=50)
    frame.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth", polling=50)
    expect(crm.logbook.get_by_role("button", name="Post")).to_be_visible()
    for title in crm.logbook.get_by_role("article").get_by_role("heading").all():
        assert title.evaluate(IS_WHOLE), title.text_content()
    previewed = crm.logbook.get_by_role("region", name="As it will appear").get_by_role("heading", level=3)
    assert previewed.evaluate("(title) => title.clientWidth / parseFloat(getComputedStyle(title).fontSize)") > 6


def test_motion_is_reduced_where_people_ask_for_it(demo: Demo, crm: Crm) -> None:
    crm.page.emulate_media(reduced_motion="reduce")
    posted(demo, crm)
    assert frame_of(crm.page).evaluate("document.getAnimations().length") == 0


def test_the_composer_works_where_the_portal_never_answers(demo: Demo, crm: Crm) -> None:
    crm.page.add_init_script("window.addEventListener('message', (event) => event.stopImmediatePropagation(), true)")
    empty(demo, crm)
    crm.write("Call", "Alone", "Words")
    crm.post()
    expect(crm.logbook.get_by_role("heading", name="Posted")).to_be_visible()
