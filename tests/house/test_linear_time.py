"""Parsing untrusted input takes linear time: sixteen times the length never takes 256 times as long."""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from b24app.bitrix24.payloads import read_event, read_frame, read_host
from b24app.errors import Malformed
from b24app.masking import conceal, mask
from b24app.services.delivery import preview
from b24app.services.reports.csv_tables import defused
from b24app.services.settings import placeholders
from b24app.services.settings.field_values import MARKUP

LENGTH, TIMES = 1_500, 16
# Between what grows with the length, and what grows with its square; the least of some tries is compared, and what is
# too short to be measured counts as this long.
MOST = 5 * TIMES
SHORTEST_SECONDS = 20e-6

FRAME = {"member_id": ["m"], "AUTH_ID": ["t"], "PLACEMENT": ["DEFAULT"]}
RUNS = [
    "auth" + " " * 9,
    "auth ",
    "auth[",
    "state:",
    "=",
    '"',
    " ",
    "%25",
    "\\",
    "\\u00",
    "\n",
    ";",
    "; ",
    "&#",
    "<a",
    "[b",
    "{",
    "a.",
    "-",
    "gAAAA",
]
READERS: dict[str, Callable[[str], object]] = {
    "mask": mask,
    "conceal": lambda text: conceal(text.encode(), "a-secret/of-ours"),
    "losses": lambda text: preview.losses(text, text),
    "defused": defused,
    "placeholders": lambda text: (placeholders.problem(text), placeholders.longest(text, "text")),
    "comments": lambda text: MARKUP.sub(" ", text),
    "DOMAIN": lambda text: read_frame({}, {**FRAME, "DOMAIN": [text]}),
    "host": lambda text: read_host(f"ü{text}"),
    "event": lambda text: read_event({"event": [text]}),
    "PLACEMENT_OPTIONS": lambda text: read_frame({}, {**FRAME, "DOMAIN": ["a.b"], "PLACEMENT_OPTIONS": [text]}),
}


def seconds(read: Callable[[str], object], text: str) -> float:
    tries = []
    for _ in range(3):
        started = time.process_time()
        with suppress(Malformed):
            read(text)
        tries.append(time.process_time() - started)
    return max(min(tries), SHORTEST_SECONDS)


@pytest.mark.parametrize("reader", READERS)
def test_time_grows_with_the_length_and_not_with_its_square(reader: str) -> None:
    read = READERS[reader]
    slow = {}
    for run in RUNS:
        count = LENGTH // len(run)
        ratio = seconds(read, "auth" + run * count * TIMES) / seconds(read, "auth" + run * count)
        if ratio > MOST:
            slow[run] = ratio
    assert slow == {}


@pytest.mark.parametrize("host", ["a" * 200_000, "ü" * 200_000, "a." * 100_000, "a-" * 100_000])
def test_a_host_that_is_too_long_is_refused_by_its_length_alone(host: str) -> None:
    started = time.process_time()
    with pytest.raises(Malformed):
        read_host(host)
    assert time.process_time() - started < 0.05
