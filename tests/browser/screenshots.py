"""Pictures of every state: ``python -m tests.browser.screenshots [language …]`` writes them to screenshots/."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import Demo, start_demo
from tests.browser.crm import Crm
from tests.browser.states import SETTINGS, STATES
from tests.devportal.chromium import FLAGS, executable

FOLDER = Path(__file__).parent.parent.parent / "screenshots"
LANGUAGES = ("en", "de", "ar", "ja")
SCHEMES = ("light", "dark")
WIDTHS = (1280, 360)
SETTLING_MILLISECONDS = 400
# Only the frame is wanted, as wide as the window.
ALONE = ".top, .side { display: none !important } body { padding: 0 !important }"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, start_demo(Path(folder)) as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        for language in sys.argv[1:] or LANGUAGES:
            for scheme in SCHEMES:
                _walk(browser, demo, language, scheme)
        browser.close()


def _walk(browser: Browser, demo: Demo, language: str, scheme: str) -> None:
    """One portal, in which every state is brought about once and taken in every width."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 720})  # type: ignore[arg-type]
    page = context.new_page()
    crm = Crm(page, demo.new_portal())
    crm.install()
    crm.speak(language)
    for name, reach in {**SETTINGS, **STATES}.items():
        reach(demo, crm)
        for width in WIDTHS:
            _take(page, width, FOLDER / f"{name}-{language}-{scheme}-{width}.png")
        page.set_viewport_size({"width": 1280, "height": 720})
    context.close()


def _take(page: Page, width: int, path: Path) -> None:
    page.set_viewport_size({"width": width, "height": 720})
    frame = page.locator("iframe")
    if frame.count() == 0:
        page.screenshot(path=path, full_page=True)
        return
    page.add_style_tag(content=ALONE)
    page.wait_for_timeout(SETTLING_MILLISECONDS)
    # What lies outside the window is not painted in a foreign frame.
    height = frame.evaluate("(frame) => Math.ceil(frame.getBoundingClientRect().bottom + scrollY)")
    page.set_viewport_size({"width": width, "height": max(height, 720)})
    page.wait_for_timeout(SETTLING_MILLISECONDS)
    frame.screenshot(path=path)


if __name__ == "__main__":
    main()
