"""APP_URL with a path: every URL in a page begins with it, whichever URL was requested."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from b24app import create_app
from b24app.config import Config
from devportal import Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook, Page

pytestmark = any_database

PATH = "/tools/logbook"
ADDRESSES = {"href", "src", "action", "formaction", "data-drafts", "data-delete"}


@pytest.fixture
def logbook(settings: Config, portal: Portal) -> Iterator[Logbook]:
    address = settings.app_url + PATH
    portal.application.app_url = address
    logbook = Logbook(create_app(replace(settings, app_url=address)))
    yield logbook
    logbook.close()


def named(page: Page | BeautifulSoup) -> list[str]:
    """Every address of ours in a page."""
    soup = page.soup if isinstance(page, Page) else page
    found = [str(tag[name]) for name in ADDRESSES for tag in soup.select(f"[{name}]")]
    return [address for address in found if address.startswith("/")]


def test_pages_handlers_and_refusals_name_it(installed: Logbook, portal: Portal) -> None:
    pages = [
        installed.get("/"),
        installed.get("/nowhere"),
        installed.get("/install"),
        installed.send(portal.frame(portal.employee)),
        installed.send(portal.frame(portal.administrator, placement="DEFAULT")),
        installed.submit("/settings/writers/save", {"session": "too old", "who": "everybody"}),
        installed.submit("/entries", {"session": "too old"}),
    ]
    for page in pages:
        assert named(page)
        assert [address for address in named(page) if not address.startswith(f"{PATH}/")] == []
    handlers = {bound.handler for bound in portal.placements} | {bound.handler for bound in portal.event_handlers}
    assert handlers == {f"http://127.0.0.1:9{PATH}/placement", f"http://127.0.0.1:9{PATH}/events"}


@pytest.mark.parametrize("address", ["", "/", PATH, f"{PATH}/"])
def test_the_start_page_is_found_with_the_path_and_without_it(logbook: Logbook, address: str) -> None:
    assert logbook.get(address or "/").heading == "Logbook for Bitrix24"


@pytest.mark.parametrize(
    ("address", "status"), [("/healthz", 200), (f"{PATH}/healthz", 200), (f"{PATH}x/healthz", 404)]
)
def test_every_other_address_too(logbook: Logbook, address: str, status: int) -> None:
    assert logbook.get(address).status == status


def test_what_a_proxy_says_about_it_is_not_believed(logbook: Logbook) -> None:
    headers = {"X-Forwarded-Prefix": "/evil", "X-Script-Name": "/evil", "X-Forwarded-Host": "evil.example"}
    assert "evil" not in logbook.app.test_client().get("/", headers=headers).text


def test_there_is_no_way_back_to_ourselves(logbook: Logbook) -> None:
    origin = logbook.context.config.app_url.removesuffix(PATH)
    answer = logbook.app.test_client().post("/placement", headers={"Origin": origin})
    assert f'href="{origin}/"' not in answer.text
