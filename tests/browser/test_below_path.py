"""Logbook below a path, behind a proxy that strips the path and behind one that does not."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from devportal import Box
from tests.browser.conftest import Witness
from tests.browser.crm import Crm
from tests.conftest import CLIENT_ID, CLIENT_SECRET, environment
from tests.support.prefix_proxy import PATH, PrefixProxy, proxy
from tests.support.served import Served


@pytest.fixture(params=[True, False], ids=["stripping", "passing"])
def before(request: pytest.FixtureRequest) -> Iterator[PrefixProxy]:
    with proxy(is_stripping=request.param) as server:
        yield server


@pytest.fixture
def crm(before: PrefixProxy, migrated_file: Path, tmp_path: Path, page: Page) -> Iterator[Crm]:
    shutil.copy(migrated_file, tmp_path / "logbook.db")
    with (
        Box(app_url=before.url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET) as box,
        Served(tmp_path / "web.log") as served,
    ):
        before.target = served.url
        served.start({**environment(box, f"sqlite:///{tmp_path / 'logbook.db'}"), "APP_URL": before.url})
        yield Crm(page, box.portals[0].url)


def test_everything_works_there_as_anywhere(crm: Crm, witness: Witness) -> None:
    crm.install()
    crm.open_deal(1)
    crm.open_tab()
    crm.write("Comment", "Below a path", "They want it by Friday.")
    crm.post()
    expect(crm.logbook.get_by_role("heading", name="Posted")).to_be_visible()
    expect(crm.entry("Below a path")).to_be_attached()

    crm.open_settings("Templates")
    expect(crm.logbook.get_by_role("heading", name="Templates", level=1)).to_be_visible()
    crm.press("Who may write")
    crm.press("Save")
    expect(crm.logbook.get_by_role("heading", name="Saved")).to_be_visible()
    assert (witness.console, witness.failed) == ([], [])
    ours = {request.url for request in witness.requests if not request.url.startswith(crm.address)}
    assert [url for url in ours if PATH + "/" not in url] == []
