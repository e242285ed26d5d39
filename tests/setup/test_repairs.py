"""Repairing a portal's bindings, step by step, while somebody watches."""

import threading

import pytest
from sqlalchemy import select

from b24app.bitrix24.pacing import Pace
from b24app.models import Person
from b24app.services.access import tokens
from b24app.services.setup import bindings, repairs
from devportal import Portal
from tests.support.administrator import Admin
from tests.support.cards import bound, filled, notes, save
from tests.support.logbook import Logbook, Page


@pytest.fixture
def admin(installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


class TestManySmartProcesses:
    """More than one request can carry."""

    def test_the_progress_is_seen_while_the_work_is_done(self, admin: Admin, portal: Portal) -> None:
        fields = filled(admin.go("places")) | {"title-en": "Diary", "session": admin.session}
        for number in range(17):
            portal.add_type(f"Process {number}")
        answer = admin.logbook.app.test_client().post("/settings/places/save", data=fields)
        seen, pieces = [], []
        for piece in answer.iter_encoded():
            pieces.append(piece.decode())
            if "<progress" in pieces[-1]:
                seen.append(len(portal.placements))
        assert seen[0] == 8
        assert seen[-1] == 25
        assert seen == sorted(seen)
        assert len(set(seen)) > 2
        page = Page(answer.status_code, dict(answer.headers), "".join(pieces))
        assert page.outcome == "saved"
        assert len(page.soup.select(".work li")) == 25
        assert notes(page, "tab")["Process 16"] == "new"
        assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors {portal.url}")

    def test_an_interrupted_repair_is_reported_and_can_be_continued(self, admin: Admin, portal: Portal) -> None:
        for number in range(17):
            portal.add_type(f"Process {number}")
        portal.faults.delay(0, "placement.bind", times=12)
        portal.faults.reset("placement.bind")
        page = save(admin)
        assert (page.status, page.outcome) == (200, "refused")
        assert "got no useful answer" in page.one("[data-outcome]").text
        assert notes(page, "tab") == {}
        assert save(admin).outcome == "repaired"
        assert len(portal.placements) == 25


def test_a_portal_with_sixty_smart_processes_is_served_in_a_few_requests(installed: Logbook, portal: Portal) -> None:
    for number in range(59):
        portal.add_type(f"Process {number}")
    portal.calls.clear()
    with installed.database() as session:
        person = session.scalars(select(Person)).one()
        survey = bindings.read_survey(tokens.ask_all_as(session, installed.context.b24, person, bindings.SURVEY))
        naps: list[float] = []
        pace = Pace(2, clock=lambda: sum(naps), sleep=naps.append)
        repair = repairs.Repair(session, installed.context.b24, person, survey, "http://127.0.0.1:9", pace=pace)
        parts = [len(part) for part in repair.steps()]
        assert parts == [10, 10, 10, 10, 10, 9]
        assert naps == [0.5] * 5
        assert not [place for place in repair.places() if place.is_amiss]
    assert len(portal.placements) == 67
    assert len(portal.calls) == 7


def test_two_administrators_who_repair_at_once_bind_everything_once(installed: Logbook, portal: Portal) -> None:
    portal.reader.is_admin = True
    offices = [Admin(installed, portal), Admin(installed, portal, portal.reader)]
    portal.state.placements.clear()
    barrier, outcomes = threading.Barrier(2), []

    def repair(admin: Admin) -> None:
        barrier.wait()
        outcomes.append(admin.go("connection/repair").outcome)

    threads = [threading.Thread(target=repair, args=(admin,)) for admin in offices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["repaired", "repaired"]
    assert len(portal.placements) == len(bound(portal)) == 8


def test_who_goes_away_in_the_middle_leaves_work_that_goes_on(admin: Admin, portal: Portal) -> None:
    for number in range(35):
        portal.add_type(f"Process {number}")
    answer = admin.logbook.app.test_client().post("/settings/connection/repair", data={"session": admin.session})
    pieces = answer.iter_encoded()
    assert any("10 of 35" in piece.decode() for piece in pieces)
    answer.close()
    assert 18 <= len(portal.placements) < 43
    page = admin.go("connection/repair")
    assert page.outcome == "repaired"
    assert len(portal.placements) == len(bound(portal)) == 43
