"""A portal survives a restart when a state file is asked for."""

import json
import socket
import stat
from pathlib import Path

import pytest

from devportal import Box
from tests.devportal.client import Caller
from tests.devportal.conftest import CLIENT_ID, CLIENT_SECRET
from tests.devportal.pictures import png


def make(path: Path | None, **more: object) -> Box:
    given = {"app_url": "http://127.0.0.1:9", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} | more
    return Box(state_path=path, **given)  # type: ignore[arg-type]


def test_everything_is_there_again_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with make(path) as box:
        portal, workshop = box.portals[0], box.add_portal(kind="on-premise", name="Workshop")
        caller = Caller(portal, portal.administrator)
        caller.write("Kept", text="Ä\n")
        caller.result("crm.timeline.icon.add", code="kept", fileContent=png())
        caller.result("placement.bind", PLACEMENT="CRM_DEAL_DETAIL_TAB", HANDLER="http://127.0.0.1:9/p", TITLE="L")
        caller.result("app.option.set", options={"a": {"b": [1]}})
        caller.result("user.option.set", options={"c": "d"})
        number = portal.add_type("Repairs")
        portal.deny_edit(portal.employee, 2, 1)
        portal.state.dialect.log_list = "bare"
        portal.finish_install()
        before = (box.authority_url, portal.url, portal.member_id, portal.application_token, portal.timeline(2, 1))
    with make(path) as box:
        portal = box.portals[0]
        assert before == (
            box.authority_url,
            portal.url,
            portal.member_id,
            portal.application_token,
            portal.timeline(2, 1),
        )
        assert [(one.name, one.kind, one.url) for one in box.portals[1:]] == [("Workshop", "on-premise", workshop.url)]
        caller.portal = portal
        assert caller.result("app.info")["INSTALLED"] is True
        assert caller.result("app.option.get") == {"a": {"b": [1]}}
        assert caller.result("user.option.get", option="c") == "d"
        assert caller.result("crm.timeline.icon.get", code="kept")["icon"]["isSystem"] is False
        assert caller.result("crm.type.list")["types"][1]["entityTypeId"] == number
        assert [row.code for row in portal.placements] == ["CRM_DEAL_DETAIL_TAB"]
        assert Caller(portal, portal.employee).write()["error"] == "ACCESS_DENIED"
        assert portal.state.dialect.log_list == "bare"
        assert caller.write("Next")["result"]["logMessage"]["id"] == 2


def test_an_old_address_still_sends_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with make(path) as box:
        box.portals[0].rename()
        ports = [*box.portals[0].state.old_ports, box.portals[0].state.port]
    with make(path) as box:
        assert [*box.portals[0].state.old_ports, box.portals[0].state.port] == ports


def test_the_file_is_for_its_owner_only_because_it_holds_tokens(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with make(path):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(json.loads(path.read_text())) == {"authority", "portals"}


def test_without_a_file_nothing_is_stored(tmp_path: Path) -> None:
    with make(None) as box:
        member_id = box.portals[0].member_id
    with make(None) as box:
        assert box.portals[0].member_id != member_id


@pytest.mark.parametrize("content", ["", "nonsense", "[]", '{"portals": 5}', '{"portals": [{}]}', '{"no": 1}'])
def test_another_kind_of_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="state"):
        make(path)


def test_the_state_of_another_application_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with make(path):
        pass
    with pytest.raises(ValueError, match=CLIENT_ID):
        make(path, client_id="local.other.2")


def test_a_taken_port_is_an_error_and_leaves_nothing_behind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        make(None, port=taken.getsockname()[1])
