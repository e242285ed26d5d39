"""Load and faults together, ``make soak``: failures of a portal, a process or the database do not affect others.

People of many portals open cards and post, a tenth of the openings is forged, one portal hangs and one resets its
connections, two web processes are killed, and PostgreSQL is restarted. At the end everything is counted.
"""

import logging
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import requests
from cryptography.fernet import Fernet

from b24app import create_app
from b24app.config import Config
from devportal import Box, FramePost, Portal
from tests.support.logbook import Logbook, Page
from tests.support.postgresql import PostgreSql, serving
from tests.support.served import Served

PORTALS = 8
WEB_PROCESSES, THREADS = 2, 16
MOST_OPENINGS_PER_SECOND = 200
# Of what the machine was measured to give, so that the faults are seen and not a queue of our own making.
SHARE_OF_CAPACITY = 0.5
MEASURED_SECONDS, CALM_SECONDS, LOAD_SECONDS = 5, 15, 60
CLIENTS = 48
KILLED_AT, RESTARTED_AT = (15, 45), 30
HIGHEST_SECONDS, PERCENTILE = 1.0, 95
# A quick refusal is no opening: so many people of other portals see the page while processes and a database go away.
LEAST_SERVED = 0.95
ROUNDS = 12
CLIENT_ID, CLIENT_SECRET = "local.bench.1", "bench-secret"
CALM, OPENING, TROUBLED_OPENING = "an opening before the faults", "an opening", "an opening of a portal in trouble"
FORGED_OPENING, POST, TROUBLED_POST = "a forged opening", "a post", "a post to a portal in trouble"
SHARES = {FORGED_OPENING: 0.1, TROUBLED_OPENING: 0.2, POST: 0.1, OPENING: 0.6}
WORDS = {"icon": "comment", "text": "They agreed."}


@dataclass
class Tally:
    """What happened, reported by many threads."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    answers: Counter[tuple[str, int | str]] = field(default_factory=Counter)
    written: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, status: int | str, seconds: float) -> None:
        with self.lock:
            self.seconds.setdefault(kind, []).append(seconds)
            self.answers[kind, status] += 1


@dataclass(frozen=True)
class Ground:
    """Logbook as processes of its own, the portals that it serves, and the two of them that are in trouble."""

    served: Served
    healthy: list[Portal]
    hanging: Portal
    resetting: Portal


def main() -> int:
    """Prints the figures of one run; 1 when something was lost or doubled, or others were kept waiting."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(is_careless=False) as server,
        Box("http://127.0.0.1:9", CLIENT_ID, CLIENT_SECRET) as box,
        Served(Path(folder) / "served.log") as served,
    ):
        environment = _environment(box, served.url, server.copy("template0", "faults"))
        box.state.authority.applications[0].app_url = served.url
        logbook = Logbook(create_app(Config.from_environment(environment)))
        for name in ("b24app", "urllib3"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        logbook.app.test_cli_runner().invoke(args=["db", "upgrade"])
        served.start(environment, workers=WEB_PROCESSES, threads=THREADS)
        served.start_worker()
        portals = [*box.portals, *(box.add_portal(name=f"Portal {number}") for number in range(PORTALS + 1))]
        for portal in portals:
            assert served.send(portal.install_frame(portal.administrator)).status == 200
            portal.finish_install()
        return _run(Ground(served, portals[2:], portals[0], portals[1]), server, logbook)


def _run(ground: Ground, server: PostgreSql, logbook: Logbook) -> int:
    rate = min(MOST_OPENINGS_PER_SECOND, SHARE_OF_CAPACITY * _capacity(ground))
    tally = Tally()
    _load(ground, tally, rate, CALM_SECONDS, kind=CALM)
    waiting = [_open(ground, portal) for portal in (ground.hanging, ground.resetting) for _ in range(10)]
    ground.hanging.faults.delay(120, times=100_000)
    ground.resetting.faults.reset(times=None)
    with ThreadPoolExecutor(2) as besides:
        breaking = besides.submit(_break, ground.served, server)
        besides.submit(_post_all, ground, waiting, tally)
        _load(ground, tally, rate, LOAD_SECONDS)
        breaking.result()
    for portal in (ground.hanging, ground.resetting):
        portal.faults.clear()
        portal.faults.end()
    ground.served.stop_worker()
    for _ in range(ROUNDS):
        logbook.pass_time(3600)
        logbook.work()
    logbook.close()
    return _tell(ground, tally, rate)


def _capacity(ground: Ground) -> float:
    """How many openings a second this machine gives while nothing is out of order."""
    ends_at = time.monotonic() + MEASURED_SECONDS

    def open_again(number: int) -> int:
        opened = 0
        while time.monotonic() < ends_at:
            _open(ground, ground.healthy[number % PORTALS])
            opened += 1
        return opened

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(open_again, range(THREADS))) / MEASURED_SECONDS


def _load(ground: Ground, tally: Tally, rate: float, seconds: float, kind: str = "") -> None:
    """Visits at a steady rate, whatever becomes of them: people do not wait for one another."""
    luck = random.Random(7)  # noqa: S311 - the same bad luck at every run
    started = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        for number in range(int(seconds * rate)):
            begins_at = started + number / rate
            time.sleep(max(0.0, begins_at - time.monotonic()))
            chosen = kind or luck.choices(list(SHARES), list(SHARES.values()))[0]
            pool.submit(_visit, ground, tally, chosen, number, begins_at)


def _visit(ground: Ground, tally: Tally, kind: str, number: int, begins_at: float) -> None:
    """One opening, and what follows it; how long it took is counted from when the person wanted it."""
    portals = (ground.hanging, ground.resetting) if kind == TROUBLED_OPENING else ground.healthy
    frame = portals[number % len(portals)].frame(portals[number % len(portals)].employee)
    if kind == FORGED_OPENING:
        frame = FramePost(frame.url, frame.query, {**frame.fields, "AUTH_ID": f"made-up-{number}"})
    opening = OPENING if kind == POST else kind
    page = _sent(lambda: _post_form(frame.full_url, frame.fields), tally, opening, begins_at)
    if kind == POST and page and page.status == 200:
        _post(ground, page.form, tally, POST)


def _post_all(ground: Ground, pages: list[Page], tally: Tally) -> None:
    for page in pages:
        _post(ground, page.form, tally, TROUBLED_POST)


def _post(ground: Ground, form: dict[str, str], tally: Tally, kind: str) -> None:
    """As a person does who sees a broken page: the same form once more, until there is an answer."""
    with tally.lock:
        title = f"Entry {len(tally.written)}"
        tally.written.append(title)
    fields = {**form, **WORDS, "title": title}
    page = None
    while page is None or page.outcome not in {"posted", "queued"}:
        page = _sent(lambda: _post_form(f"{ground.served.url}/entries", fields), tally, kind, time.monotonic())


def _sent(send: Callable[[], Page], tally: Tally, kind: str, begins_at: float) -> Page | None:
    """The answer; None where a killed process gave none."""
    try:
        page = send()
    except requests.RequestException:
        tally.note(kind, "cut off", time.monotonic() - begins_at)
        return None
    tally.note(kind, page.status, time.monotonic() - begins_at)
    return page


def _open(ground: Ground, portal: Portal) -> Page:
    page = ground.served.send(portal.frame(portal.employee))
    assert page.status == 200, page.text
    return page


def _post_form(address: str, fields: dict[str, str]) -> Page:
    answer = requests.post(address, data=fields, timeout=60, headers={"Connection": "close"})
    return Page(answer.status_code, dict(answer.headers), answer.content.decode())


def _break(served: Served, server: PostgreSql) -> None:
    """Two web processes are killed, and between them the database is restarted."""
    started = time.monotonic()
    moments = [(KILLED_AT[0], _kill_one), (RESTARTED_AT, None), (KILLED_AT[1], _kill_one)]
    for seconds, kill in moments:
        time.sleep(max(0.0, started + seconds - time.monotonic()))
        if kill:
            kill(served)
        else:
            server.restart()


def _kill_one(served: Served) -> None:
    os.kill(served.processes[1], signal.SIGKILL)


def _tell(ground: Ground, tally: Tally, rate: float) -> int:
    portals = [*ground.healthy, ground.hanging, ground.resetting]
    found = Counter(message.title for portal in portals for message in portal.timeline(2, 1))
    lost = [title for title in tally.written if not found[title]]
    doubled = [title for title, count in found.items() if count > 1]
    sys.stdout.write(
        f"written {len(tally.written)}, delivered {len(found)}, doubled {len(doubled)}, lost {len(lost)}\n"
    )
    return int(bool(lost or doubled) or not _is_served(tally, rate))


def _is_served(tally: Tally, rate: float) -> bool:
    """Whether other portals' openings were shown, in time, and forged ones were not."""
    _tell_times(tally, rate)
    served = _share(tally, OPENING, 200)
    believed = tally.answers[FORGED_OPENING, 200]
    sys.stdout.write(
        f"other portals' openings that showed the page: {100 * served:.1f} %; forged ones that did: {believed}\n"
    )
    # On a machine that is slow without any fault, only a large slowdown by the faults counts.
    mark = max(HIGHEST_SECONDS, 2 * percentile(tally.seconds[CALM]))
    return not believed and percentile(tally.seconds[OPENING]) <= mark and served >= LEAST_SERVED


def _tell_times(tally: Tally, rate: float) -> None:
    sys.stdout.write(
        f"{rate:.0f} openings a second for {LOAD_SECONDS} s, {100 * SHARES[FORGED_OPENING]:.0f} % forged\n"
    )
    for kind, seconds in tally.seconds.items():
        statuses = {status: count for (of_kind, status), count in tally.answers.items() if of_kind == kind}
        figures = f"median {statistics.median(seconds):.2f} s, {PERCENTILE} % under {percentile(seconds):.2f} s"
        sys.stdout.write(f"{kind}: {len(seconds)}, {figures}, at most {max(seconds):.2f} s; {statuses}\n")


def _share(tally: Tally, kind: str, status: int) -> float:
    return tally.answers[kind, status] / len(tally.seconds[kind])


def percentile(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[PERCENTILE - 1]


def _environment(box: Box, app_url: str, database_url: str) -> dict[str, str]:
    return {
        "APP_URL": app_url,
        "B24_CLIENT_ID": CLIENT_ID,
        "B24_CLIENT_SECRET": CLIENT_SECRET,
        "B24_OAUTH_URL": box.authority_url,
        "SECRET_KEY": "bench" * 10,
        "TOKEN_KEYS": Fernet.generate_key().decode(),
        "DATABASE_URL": database_url,
        "B24_ALLOW_INSECURE": "1",
    }


if __name__ == "__main__":
    sys.exit(main())
