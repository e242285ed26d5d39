"""A real browser and real processes: the demo, and Chromium without third-party cookies."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, Response, expect, sync_playwright

from tests.browser.crm import Crm
from tests.devportal.chromium import FLAGS, UNSEEN, executable
from tests.support.demo import Demo, started

__all__ = ["Demo", "Witness", "open_page", "start_demo"]

# On a loaded machine everything takes its time; what never comes is waited for once.
PATIENCE_MILLISECONDS = 30_000
LINES_OF_LOG = 200
WITHOUT_FOREIGN_COOKIES = "--test-third-party-cookie-phaseout"
# Only the last flag of a name counts, so this one repeats the other.
UNDIVIDED = f"{UNSEEN},IsolateOrigins,site-per-process"


@dataclass
class Witness:
    """What a browser context did apart from what it showed."""

    console: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)

    @property
    def origins(self) -> set[str]:
        parts = [urlsplit(request.url) for request in self.requests]
        return {f"{part.scheme}://{part.netloc}" for part in parts if part.scheme not in {"data", "blob", "about"}}

    @property
    def posted(self) -> list[str]:
        """The paths of all POST requests, in their order."""
        return [urlsplit(request.url).path for request in self.requests if request.method == "POST"]

    def cookies_of(self, origin: str) -> list[str]:
        """The Set-Cookie headers with which that origin answered, accepted or not."""
        answers = [response for response in self.responses if response.url.startswith(origin)]
        return [value for answer in answers for value in answer.header_values("set-cookie")]

    def watch(self, context: BrowserContext) -> None:
        context.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        context.on("weberror", lambda error: self.console.append(f"error: {error.error}"))
        context.on("request", lambda request: self.requests.append(request))
        context.on("requestfailed", self._note_failure)
        context.on("response", lambda response: self.responses.append(response))

    def _note_failure(self, request: Request) -> None:
        """What a person cuts short by going elsewhere has not failed."""
        if "ERR_ABORTED" not in str(request.failure):
            self.failed.append(f"{request.url}: {request.failure}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With a failure, show what the servers and the browser did."""
    report = yield
    demo, witness = item.funcargs.get("demo"), item.funcargs.get("witness")
    if report.failed and isinstance(demo, Demo):
        report.sections.append(("the demo's log", "\n".join(demo.log.splitlines()[-LINES_OF_LOG:])))
    if report.failed and isinstance(witness, Witness):
        told = [*witness.console, *witness.failed, f"posted: {', '.join(witness.posted)}"]
        report.sections.append(("the browser", "\n".join(told)))
    return report


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The processes of ``make demo``; afterwards they have to end in peace by Ctrl-C."""
    with start_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """Playwright, started once."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(driver: Playwright) -> Iterator[Browser]:
    """Chromium without windows."""
    with launch(driver, WITHOUT_FOREIGN_COOKIES) as browser:
        yield browser


@pytest.fixture(scope="session")
def undivided_browser(driver: Playwright) -> Iterator[Browser]:
    """One whose frames live in the process of their page.

    Playwright switches JavaScript off process by process. A frame of another site has one of its own, and may be parsed
    before that is told: then the content of its noscript elements never becomes elements.
    """
    with launch(driver, WITHOUT_FOREIGN_COOKIES, UNDIVIDED, "--disable-site-isolation-trials") as browser:
        yield browser


@contextmanager
def launch(driver: Playwright, *flags: str) -> Iterator[Browser]:
    """A browser that is closed afterwards."""
    browser = driver.chromium.launch(executable_path=executable(), args=[*FLAGS, *flags])
    yield browser
    browser.close()


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
def page(browser: Browser, witness: Witness) -> Iterator[Page]:
    """A page of a browser of its own, which ``witness`` watches."""
    yield from open_page(browser, witness)


@pytest.fixture
def page_without_script(undivided_browser: Browser, witness: Witness) -> Iterator[Page]:
    """The same for somebody who has switched JavaScript off."""
    yield from open_page(undivided_browser, witness, java_script_enabled=False)


@pytest.fixture
def crm(demo: Demo, page: Page) -> Crm:
    """A portal of its own with Logbook in it, opened by its administrator."""
    return Crm(page, demo.installed_portal())


@pytest.fixture
def composer(crm: Crm) -> Crm:
    """The same with the composer open on a deal."""
    crm.open_deal(1)
    crm.open_tab()
    return crm


def open_page(browser: Browser, witness: Witness, *, java_script_enabled: bool = True) -> Iterator[Page]:
    """A page in a context of its own, which ends with the iteration."""
    context = browser.new_context(java_script_enabled=java_script_enabled, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    witness.watch(context)
    yield context.new_page()
    context.close()


@contextmanager
def start_demo(folder: Path) -> Iterator[Demo]:
    """Starts the processes in this folder and ends them as Ctrl-C does."""
    with started(folder) as demo:
        yield demo
        code, last_words = demo.end()
        assert code == 0, last_words
