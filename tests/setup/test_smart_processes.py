"""Smart processes are added and removed, and the tab follows automatically."""

import copy
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from b24app.models import Portal as PortalRow
from b24app.models import TokenPair
from b24app.services import chores
from devportal import Box, Portal
from tests.setup.test_events import forged, last, proofs_that_prove_nothing, row_of
from tests.support.administrator import Admin
from tests.support.attacker import Attacker
from tests.support.cards import bound, filled, save, tabs
from tests.support.logbook import Logbook

TYPE_EVENTS = ["ONCRMTYPEADD", "ONCRMTYPEDELETE"]
NOTICE = "Smart processes were added or deleted, and Logbook could not follow."


def add(logbook: Logbook, portal: Portal, title: str = "Repairs") -> str:
    """A new smart process, and its event; answers the code of its tab."""
    type_id = portal.add_type(title)
    assert logbook.event(last(portal, "ONCRMTYPEADD")) == 200
    return f"CRM_DYNAMIC_{type_id}_DETAIL_TAB"


def is_waiting(logbook: Logbook, portal: Portal) -> bool:
    return row_of(logbook, portal).places_due_at is not None


def test_a_new_smart_process_gets_its_tab_from_the_worker(installed: Logbook, portal: Portal) -> None:
    portal.calls.clear()
    code = add(installed, portal)
    assert list(portal.calls) == []
    assert code not in bound(portal)
    installed.work()
    assert code in bound(portal)
    assert tabs(portal, f"/crm/type/{code.split('_')[2]}/details/1/") == []  # it has no card yet
    portal.add_item(int(code.split("_")[2]))
    assert tabs(portal, f"/crm/type/{code.split('_')[2]}/details/1/") == ["General", "Logbook"]
    assert not is_waiting(installed, portal)
    portal.calls.clear()
    installed.work()
    assert list(portal.calls) == []


def test_many_events_are_one_look_at_the_portal(installed: Logbook, portal: Portal) -> None:
    codes = {add(installed, portal, f"Process {number}") for number in range(5)}
    assert [installed.event(last(portal, "ONCRMTYPEADD")) for _ in range(5)] == [200] * 5
    portal.calls.clear()
    installed.work()
    assert codes <= bound(portal)
    assert len(portal.calls) == 2  # the look, and the binding


def test_a_deleted_smart_process_is_unbound(installed: Logbook, portal: Portal) -> None:
    """Where the portal does not do that by itself."""
    kept = [copy.copy(one) for one in portal.placements if "1032" in one.code]
    portal.remove_type(1032)
    portal.state.placements.extend(kept)
    assert installed.event(last(portal, "ONCRMTYPEDELETE")) == 200
    installed.work()
    assert "CRM_DYNAMIC_1032_DETAIL_TAB" not in bound(portal)


def test_a_portal_that_hides_its_types_loses_no_tab(installed: Logbook, portal: Portal) -> None:
    add(installed, portal)
    before = bound(portal)
    for method in ("crm.enum.ownertype", "placement.list"):
        portal.faults.refuse("ACCESS_DENIED", method)
    installed.work()
    assert bound(portal) == before


def test_who_does_not_want_that_is_not_followed(installed: Logbook, portal: Portal) -> None:
    save(Admin(installed, portal), following=None)
    portal.calls.clear()
    code = add(installed, portal)
    installed.work()
    assert code not in bound(portal)
    assert list(portal.calls) == []
    page = Admin(installed, portal).go("places")
    assert str(code.split("_")[2]) not in filled(page)["tab"]


def test_it_goes_out_in_the_name_of_whoever_saved_the_section_last(installed: Logbook, portal: Portal) -> None:
    portal.reader.is_admin = True
    save(Admin(installed, portal, portal.reader), on=("button", 2))
    code = add(installed, portal)
    portal.calls.clear()
    installed.work()
    assert code in bound(portal)
    assert {call.person_id for call in portal.calls} == {portal.reader.id}


def test_where_his_permission_is_gone_another_who_ordered_it_helps(installed: Logbook, portal: Portal) -> None:
    portal.reader.is_admin = True
    save(Admin(installed, portal, portal.reader), on=("button", 2))
    portal.dismiss(portal.reader)
    code = add(installed, portal)
    installed.work()
    assert code in bound(portal)


def test_who_is_no_administrator_any_more_is_asked_for_nothing(installed: Logbook, portal: Portal) -> None:
    portal.reader.is_admin = True
    Admin(installed, portal, portal.reader)
    portal.administrator.is_admin = False
    code = add(installed, portal)
    installed.work()
    assert code not in bound(portal)
    portal.calls.clear()
    installed.work()
    assert list(portal.calls) == []
    admin = Admin(installed, portal, portal.reader)
    assert NOTICE in admin.page.text
    assert NOTICE in admin.go("connection").text
    assert admin.go("connection/repair").outcome == "repaired"
    assert code in bound(portal)
    assert NOTICE not in admin.go("connection").text


def test_a_dead_pair_leaves_a_notice_that_goes_when_it_works_again(installed: Logbook, portal: Portal) -> None:
    with installed.database() as session:
        pair = session.query(TokenPair).one()
        pair.refusal = "INVALID_GRANT"
        session.commit()
    code = add(installed, portal)
    installed.work()
    assert row_of(installed, portal).notice == "NOT_FOLLOWED"
    Admin(installed, portal)
    second = add(installed, portal, "Another")
    installed.work()
    assert {code, second} <= bound(portal)
    assert row_of(installed, portal).notice is None


@pytest.mark.parametrize("trouble", ["reset", "html", "garbage"])
def test_a_silent_portal_is_asked_again_later(installed: Logbook, portal: Portal, trouble: str) -> None:
    code = add(installed, portal)
    getattr(portal.faults, trouble)("batch")
    installed.work()
    installed.work()
    assert code not in bound(portal)
    installed.pass_time(301)
    installed.work()
    assert code in bound(portal)
    assert row_of(installed, portal).notice is None


@pytest.mark.parametrize("event", TYPE_EVENTS)
def test_a_forged_event_makes_logbook_call_nowhere(
    installed: Logbook, box: Box, portal: Portal, attacker: Attacker, event: str
) -> None:
    addresses: dict[str, str | None] = {
        "domain": attacker.host,
        "server_endpoint": f"{attacker.address}/rest/",
        "client_endpoint": f"{attacker.address}/rest/",
    }
    proofs = proofs_that_prove_nothing(box, portal)
    portal.calls.clear()
    box.authority_calls.clear()
    for proof in [*proofs, {**addresses, "access_token": "x"}]:
        assert (proof, installed.event(forged(portal, event, **proof))) == (proof, 403)
    installed.work()
    assert (list(portal.calls), list(box.authority_calls), attacker.heard) == ([], [], [])


def test_an_attackers_addresses_in_a_true_one_are_never_called(
    installed: Logbook, portal: Portal, attacker: Attacker
) -> None:
    given: dict[str, Any] = {"client_endpoint": f"{attacker.address}/rest/", "domain": attacker.host}
    event = forged(portal, "ONCRMTYPEADD", application_token=portal.application_token, access_token="x", **given)
    assert installed.event({**event, "ts": last(portal, "ONAPPINSTALL")["ts"]}) == 200
    installed.work()
    assert attacker.heard == []


def test_an_event_of_an_earlier_installation_is_over(installed: Logbook, portal: Portal) -> None:
    event = forged(portal, "ONCRMTYPEADD", application_token=portal.application_token)  # it was sent in 2025
    assert installed.event(event) == 200
    assert not is_waiting(installed, portal)


def test_it_does_not_make_a_later_uninstall_look_old(installed: Logbook, portal: Portal) -> None:
    portal.add_type("Repairs")
    event = last(portal, "ONCRMTYPEADD")
    assert installed.event({**event, "ts": str(int(event["ts"]) + 10_000_000)}) == 200
    portal.uninstall()
    assert installed.event(last(portal, "ONAPPUNINSTALL")) == 200
    with installed.database() as session:
        assert session.query(PortalRow).one().suspended_at is not None


def test_a_portal_that_has_removed_logbook_is_left_alone(installed: Logbook, portal: Portal) -> None:
    portal.add_type("Repairs")
    portal.uninstall()
    installed.event(last(portal, "ONAPPUNINSTALL"))
    assert installed.event(last(portal, "ONCRMTYPEADD")) == 403


def test_an_older_portal_without_such_events_is_whole_without_them(installed: Logbook, portal: Portal) -> None:
    portal.state.dialect.type_events = "unknown"
    portal.state.event_handlers[:] = [one for one in portal.event_handlers if one.event not in TYPE_EVENTS]
    admin = Admin(installed, portal)
    assert "Everything is in place" in admin.page.text
    assert admin.go("connection/repair").outcome == "repaired"
    assert installed.send(portal.install_frame(portal.administrator)).status == 200
    portal.faults.refuse("ACCESS_DENIED", "events")
    assert admin.go("connection/repair").outcome == "repaired"
    assert "this Bitrix24 does not have it" in admin.page.text


def test_a_parked_portal_is_checked_after_its_pause(installed: Logbook, portal: Portal) -> None:
    code = add(installed, portal)
    with installed.database() as session:
        session.query(PortalRow).one().parked_until = datetime.now(UTC) + timedelta(seconds=600)
        session.commit()
    installed.work()
    assert code not in bound(portal)
    installed.pass_time(601)
    installed.work()
    assert code in bound(portal)


def test_a_clock_that_is_set_back_makes_nobody_wait(installed: Logbook, portal: Portal) -> None:
    code = add(installed, portal)
    installed.pass_time(-86_400)
    installed.work()
    assert code in bound(portal)


def test_two_workers_look_once(installed: Logbook, portal: Portal) -> None:
    code = add(installed, portal)
    portal.calls.clear()
    context = installed.context
    work = chores.Context(context.sessions, context.b24, context.config.app_url)
    threads = [threading.Thread(target=chores.sweep, args=(work,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert code in bound(portal)
    assert len(portal.calls) == 2
