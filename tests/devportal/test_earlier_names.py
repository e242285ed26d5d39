"""Programs that were written against earlier names keep working."""

import json
from pathlib import Path

import requests

from devportal import Box, Portal
from tests.devportal.client import Caller
from tests.devportal.conftest import CLIENT_ID, CLIENT_SECRET


def test_controls_run_at_their_earlier_address_under_their_earlier_names(portal: Portal, employee: Caller) -> None:
    levers = f"{portal.url}/_box/levers"
    requests.post(f"{levers}/refuse", data={"code": "OVERLOAD_LIMIT", "times": 0}, timeout=10)
    assert employee.error("profile") == "OVERLOAD_LIMIT"
    assert requests.post(f"{levers}/calm", timeout=10).status_code == 200
    assert employee.error("profile") is None
    requests.post(f"{levers}/reading-log-list", json={"value": "bare"}, timeout=10)
    assert portal.state.dialect.log_list == "bare"
    assert "refuse" in requests.post(f"{levers}/no-such", timeout=10).json()["levers"]


def test_the_page_and_the_state_are_found_under_their_earlier_names(portal: Portal) -> None:
    portal.state.dialect.log_list = "bare"
    state = requests.get(f"{portal.url}/_box/state", timeout=10).json()
    assert (state["weather"], state["readings"]) == (state["faults"], state["dialect"])
    assert state["readings"]["log_list"] == "bare"
    assert "Clear all faults" in requests.get(f"{portal.url}/_box/weather", timeout=10).text


def test_earlier_names_in_python_are_the_same_objects(box: Box, portal: Portal, employee: Caller) -> None:
    assert (box.weather, portal.weather) == (box.faults, portal.faults)
    assert portal.events.weather is portal.events.faults
    assert portal.state.readings is portal.state.dialect
    portal.weather.refuse("OVERLOAD_LIMIT", times=None)
    portal.weather.calm()
    portal.weather.is_plan_lapsed = True
    portal.calm()
    assert employee.error("profile") is None


def test_a_state_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with Box("http://127.0.0.1:9", CLIENT_ID, CLIENT_SECRET, state_path=path) as box:
        box.portals[0].state.dialect.log_list = "bare"
    written = json.loads(path.read_text())
    for portal in written["portals"]:
        portal["readings"] = portal.pop("dialect")
    path.write_text(json.dumps(written))
    with Box("http://127.0.0.1:9", CLIENT_ID, CLIENT_SECRET, state_path=path) as box:
        assert box.portals[0].state.dialect.log_list == "bare"
