"""Entries have times in their reader's time zone."""

from zoneinfo import ZoneInfo

import pytest

from devportal import Portal
from tests.composer.test_composer import post
from tests.conftest import any_database
from tests.support.logbook import Logbook

pytestmark = any_database


@pytest.mark.parametrize(
    ("of_person", "offset", "shown"),
    [
        ("Asia/Tokyo", None, "+09:00"),
        ("Asia/Tokyo", 3600, "+09:00"),
        ("", 20700, "+05:45"),
        ("", -12600, "-03:30"),
        ("", 0, "+00:00"),
        ("", None, "+05:30"),
        ("", 10**9, "+05:30"),
        ("Nowhere/Atall", None, "+00:00"),
        ("Nowhere/Atall", 7200, "+02:00"),
    ],
)
def test_it_is_their_own_or_the_portals_where_they_have_none(
    installed: Logbook, portal: Portal, of_person: str, offset: int | None, shown: str
) -> None:
    portal.employee.time_zone, portal.employee.time_zone_offset = of_person, offset
    portal.zone = ZoneInfo("Asia/Kolkata")
    post(installed, portal)
    times = [str(entry.select_one("time")["datetime"]) for entry in installed.open_tab(portal).history]  # type: ignore[index]
    assert [time[-6:] for time in times] == [shown]
