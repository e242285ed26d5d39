"""A browser on a thread of its own, so that tests elsewhere may have another one on theirs."""

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, expect, sync_playwright

# The one without windows comes first: it needs three quarters of the other's time, and draws the same pages.
NAMES = ("chromium-headless-shell", "chromium")
# Each window would draw suggestions under an address bar that nobody sees, at the price of half its time.
UNSEEN = "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", UNSEEN]
PATIENCE_MILLISECONDS = 20_000
Result = TypeVar("Result")


def executable() -> str:
    """Chromium as Debian ships it, or the one that CHROMIUM names."""
    wanted = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else NAMES
    found = [path for name in wanted if (path := shutil.which(name))]
    assert found, f"these tests need {wanted[0]}"
    return found[0]


class Chromium:
    """Everything that touches a page runs through `run`."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="chromium")
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def run(self, action: Callable[..., Result], **arguments: object) -> Result:
        return self._thread.submit(action, **arguments).result()

    def open(self, *, with_script: bool = True) -> "Visitor":
        return self.run(self._open, with_script=with_script)

    def close(self) -> None:
        self.run(self._close)
        self._thread.shutdown()

    def _open(self, with_script: bool) -> "Visitor":
        if self._browser is None:
            expect.set_options(timeout=PATIENCE_MILLISECONDS)
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        context = self._browser.new_context(viewport={"width": 1280, "height": 720}, java_script_enabled=with_script)
        return Visitor(context.new_page())

    def _close(self) -> None:
        if self._browser and self._playwright:
            self._browser.close()
            self._playwright.stop()


class Visitor:
    """A page, and what happened apart from it."""

    def __init__(self, page: Page) -> None:
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        self.page = page
        self.complaints: list[str] = []
        self.origins: set[str] = set()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._see)

    def close(self) -> None:
        self.page.context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _see(self, request: Request) -> None:
        scheme, _, rest = request.url.partition("://")
        self.origins.add(f"{scheme}://{rest.partition('/')[0]}")
