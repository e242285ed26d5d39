"""One portal under several host names: people can write under any of them."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Demo, Witness
from tests.browser.crm import Crm

HEAR = "window.heard = []; window.addEventListener('message', (event) => window.heard.push(String(event.data)))"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "crm_test.localhost"])
def test_the_tab_opens_and_the_portal_hears_it(demo: Demo, crm: Crm, witness: Witness, host: str) -> None:
    crm.page.add_init_script(HEAR)
    crm.address = crm.address.replace("localhost", host)
    crm.open_deal(1)
    crm.open_tab()
    crm.write("Comment", f"By {host}", "They want it by Friday.")
    crm.post()
    expect(crm.logbook.get_by_role("heading", name="Posted")).to_be_visible()
    # What the frame has said reached the page around it, after posting too.
    crm.page.wait_for_function("window.heard.some((message) => message.startsWith('reloadData'))")
    expect(crm.entry(f"By {host}")).to_be_attached()

    crm.open_settings("Who may write")
    expect(crm.logbook.get_by_role("heading", name="Who may write", level=1)).to_be_visible()
    # Chromium notes that a CSP cannot name a host with an underscore; the domain behind it is named, too.
    assert [said for said in witness.console if "does not support the source expression" not in said] == []
    assert witness.failed == []
    assert witness.origins == {crm.address, demo.logbook}
