"""What a portal says about persons, options, scopes and methods."""

import pytest

from devportal import Box
from tests.devportal.client import Caller


def test_a_profile_names_the_caller(administrator: Caller, employee: Caller) -> None:
    assert administrator.result("profile")["ADMIN"] is True
    assert employee.result("profile") == {
        "ID": "7",
        "ADMIN": False,
        "NAME": "Ben",
        "LAST_NAME": "Okafor",
        "PERSONAL_GENDER": "",
        "TIME_ZONE": "Europe/London",
    }
    assert (administrator.result("user.admin"), employee.result("user.admin")) == (True, False)


def test_access_codes_are_checked_and_named(administrator: Caller, employee: Caller) -> None:
    assert employee.result("user.access", ACCESS=["U1", "AU"]) is True
    assert employee.result("user.access", ACCESS=["U1"]) is False
    assert administrator.result("user.access", ACCESS=["U7"]) is True
    assert employee.result("access.name", ACCESS=["U1", "G2", "U99"])["U1"]["name"] == "Anna Keller"
    assert employee.result("access.name", ACCESS=["U99"]) is False
    assert employee.error("user.access") == 100


def test_options_belong_to_the_application_and_are_set_by_administrators(
    administrator: Caller, employee: Caller
) -> None:
    body = employee("app.option.set", options={"a": "1"})
    assert (body["error"], body["error_description"]) == ("AccessException", "Administrator authorization required")
    assert administrator.result("app.option.set", options={"a": "1"}) is True
    assert administrator.result("app.option.set", options={"b": {"c": 2}}) is True
    assert employee.result("app.option.get") == {"a": "1", "b": {"c": 2}}
    assert employee.result("app.option.get", option="a") == "1"
    assert employee.result("app.option.get", option="none") is None
    assert administrator.error("app.option.set", options={}) == "ArgumentNullException"


def test_options_of_a_person_are_their_own(administrator: Caller, employee: Caller) -> None:
    assert employee.result("user.option.set", options={"a": "mine"}) is True
    assert (employee.result("user.option.get", option="a"), administrator.result("user.option.get")) == ("mine", [])


@pytest.mark.parametrize(("clean", "left"), [(False, {"a": "1"}), (True, [])])
def test_options_of_a_market_application_survive_an_uninstall_unless_cleaned(
    box: Box, clean: bool, left: object
) -> None:
    portal = box.portals[0]
    market = box.add_application("app.0123.4", "secret", app_url="http://127.0.0.1:9")
    portal.finish_install(app=market)
    Caller(portal, portal.administrator, app=market).result("app.option.set", options={"a": "1"})
    portal.uninstall(clean=clean, app=market)
    portal.install_frame(portal.administrator, app=market)
    assert Caller(portal, portal.administrator, app=market).result("app.option.get") == left


def test_methods_scopes_and_features_can_be_asked_for(employee: Caller) -> None:
    assert employee.result("scope") == ["crm", "placement"]
    assert "user" in employee.result("scope", full=True)
    assert employee.result("method.get", name="profile") == {"isExisting": True, "isAvailable": True}
    assert employee.result("method.get", name="user.current") == {"isExisting": True, "isAvailable": False}
    assert employee.result("method.get", name="no.such") == {"isExisting": False, "isAvailable": False}
    assert "crm.item.get" in employee.result("methods")
    assert "placement.bind" in employee.result("methods", scope="placement")
    assert employee.result("feature.get", CODE="rest_offline_extended") == {"value": "Y"}
    assert employee.error("feature.get") == "CODE_EMPTY"


def test_the_servers_time_is_in_its_own_zone(employee: Caller) -> None:
    assert employee.result("server.time")[-6:] in ("+01:00", "+02:00")
