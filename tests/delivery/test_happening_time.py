"""Parsing when something happened."""

from datetime import UTC, datetime, timedelta

import pytest

from b24app.i18n import zone_of
from b24app.services.delivery import happening_time
from b24app.services.delivery.happening_time import MomentProblem

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", None),
        ("2026-11-24T10:00", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("2026-11-24T10:00+05:00", datetime(2026, 11, 24, 5, tzinfo=UTC)),
        ("1970-01-01T02:00", datetime(1970, 1, 1, tzinfo=UTC)),
        ("1970-01-01T01:59", MomentProblem.EARLY),
        ("1969-12-31T23:59", MomentProblem.EARLY),
        ("0001-01-01T00:00", MomentProblem.EARLY),
        ("9999-12-31T23:59", MomentProblem.FUTURE),
        ("9999-12-31T23:59-12:00", MomentProblem.FUTURE),
        ("2026-11-26T10:00", MomentProblem.FUTURE),
        ("yesterday", MomentProblem.UNREADABLE),
        ("2026-02-30T10:00", MomentProblem.UNREADABLE),
        ("٢٠٢٦-11-24T10:00", MomentProblem.UNREADABLE),
    ],
)
def test_a_moment_is_read_in_the_zone_of_the_person(typed: str, read: object) -> None:
    assert happening_time.read(typed, zone_of("+02:00"), NOW) == read


def test_a_time_that_a_change_of_clocks_leaves_out_or_repeats_is_read_all_the_same() -> None:
    berlin = zone_of("Europe/Berlin")
    assert happening_time.read("2026-03-29T02:30", berlin, NOW) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert happening_time.read("2026-10-25T02:30", berlin, NOW) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_tolerance_covers_any_zone() -> None:
    assert timedelta(hours=14) <= happening_time.TOLERANCE
