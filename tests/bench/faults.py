"""Load and faults together, ``make soak``: failures of a portal, a process or the database do not affect others.

People of many portals open cards and post, a tenth of the openings is forged, one portal hangs and one resets its
connections, two web processes are killed, and PostgreSQL is restarted. At the end everything is counted.

Load and portals must not take the cores from Logbook: where people only read, a stub answers; posts go to portals in a
box, which count them; the visitors have a process of their own.
"""

import dataclasses
import json
import logging
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import requests
from cryptography.fernet import Fernet

from b24app import create_app
from b24app.config import Config
from devportal import Box, FramePost, Portal
from tests.bench import processors, stub_portal
from tests.bench.servers import Stand, card, stubs
from tests.bench.visitors import AGAIN_SECONDS, Happened, Plan, Visit
from tests.support.logbook import Logbook, Page
from tests.support.postgresql import PostgreSql, serving
from tests.support.served import PROJECT, Served

READING_PORTALS, WRITING_PORTALS = 20, 4
WEB_PROCESSES, THREADS = 2, 16
MOST_OPENINGS_PER_SECOND = 200
# Of what the machine was measured to give, so that the faults are seen and not a queue of our own making.
SHARE_OF_CAPACITY = 0.7
MEASURED_SECONDS, CALM_SECONDS, LOAD_SECONDS = 5, 15, 60
KILLED_AT, RESTARTED_AT = (15, 45), 30
# Longer than web requests wait, and as long as a portal may work on a call: it ends it after a minute.
HANGING_SECONDS = 55
HIGHEST_SECONDS, PERCENTILE = 1.0, 95
# A quick refusal is no opening: so many people of other portals see the page while processes and a database go away.
LEAST_SERVED = 0.95
ROUNDS = 12
CLIENT_SECRET = "bench-secret"
CALM, OPENING, TROUBLED_OPENING = "an opening before the faults", "an opening", "an opening of a portal in trouble"
FORGED_OPENING, POST, TROUBLED_POST = "a forged opening", "a post", "a post to a portal in trouble"
SHARES = {OPENING: 0.6, FORGED_OPENING: 0.1, TROUBLED_OPENING: 0.2, POST: 0.1}
WORDS = {"icon": "comment", "text": "They agreed."}


@dataclass(frozen=True)
class Ground:
    """Logbook as processes of its own, the portals that it serves, and the two of them that are in trouble."""

    served: Served
    readers: list[Stand]
    writers: list[Portal]
    hanging: Portal
    resetting: Portal

    @property
    def in_trouble(self) -> tuple[Portal, Portal]:
        return self.hanging, self.resetting


def main() -> int:
    """Prints the figures of one run; 1 when something was lost or doubled, or others were kept waiting."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(is_careless=False) as server,
        Box("http://127.0.0.1:9", stub_portal.CLIENT_ID, CLIENT_SECRET) as box,
        stubs(READING_PORTALS) as (portals, urls),
        Served(Path(folder) / "served.log") as served,
    ):
        readers = [Stand(url, Path(folder)) for url in urls]
        environment = _environment([box.authority_url, *urls], served.url, server.copy("template0", "faults"))
        box.state.authority.applications[0].app_url = served.url
        logbook = Logbook(create_app(Config.from_environment(environment)))
        logging.getLogger("b24app").setLevel(logging.CRITICAL)
        logbook.app.test_cli_runner().invoke(args=["db", "upgrade"])
        served.start(environment, workers=WEB_PROCESSES, threads=THREADS)
        served.start_worker()
        boxed = [*box.portals, *(box.add_portal(name=f"Portal {number}") for number in range(WRITING_PORTALS + 1))]
        ground = Ground(served, readers, boxed[2:], boxed[0], boxed[1])
        _install(ground)
        usage = processors.Usage(
            {
                "web": lambda: served.processes[0],
                "worker": lambda: served.worker,
                "PostgreSQL": lambda: server.process,
                "stub": lambda: portals,
                "boxes": os.getpid,
            }
        )
        return _run(ground, server, logbook, usage)


def _install(ground: Ground) -> None:
    for portal in [*ground.writers, *ground.in_trouble]:
        assert ground.served.send(portal.install_frame(portal.administrator)).status == 200
        portal.finish_install()
    for reader in ground.readers:
        query, body = reader.frame(PLACEMENT="DEFAULT")
        ground.served.send_form(f"/install?{query}", body)


def _run(ground: Ground, server: PostgreSql, logbook: Logbook, usage: processors.Usage) -> int:
    reading = [_frame(reader) for reader in ground.readers]
    raced = _visited(ground, Plan(0, [Visit(reading, CALM)], MEASURED_SECONDS, racers=THREADS))
    capacity = raced.answers[CALM].get("200", 0) / MEASURED_SECONDS
    rate = min(MOST_OPENINGS_PER_SECOND, SHARE_OF_CAPACITY * capacity)
    sys.stdout.write(f"this machine gives {capacity:.0f} openings a second; from now on, there are {rate:.0f}\n")
    usage.begin()
    calm = _visited(ground, Plan(0, [Visit(reading, CALM)], CALM_SECONDS, rate))
    usage.tell("before the faults", visitors=calm.processor_seconds)
    waiting = [_open(ground, portal) for portal in ground.in_trouble for _ in range(10)]
    ground.hanging.faults.delay(HANGING_SECONDS, times=None)
    ground.resetting.faults.reset(times=None)
    usage.begin()
    with ThreadPoolExecutor(2) as besides:
        breaking = besides.submit(_break, ground.served, server)
        posting = besides.submit(_post_all, ground, waiting)
        happened = _visited(ground, Plan(0, _visits(ground, reading), LOAD_SECONDS, rate))
        usage.tell("among the faults", visitors=happened.processor_seconds)
        breaking.result()
        for portal in ground.in_trouble:
            portal.faults.clear()
            portal.faults.end()
        titles = posting.result()
    ground.served.stop_worker()
    for _ in range(ROUNDS):
        logbook.pass_time(3600)
        logbook.work()
    logbook.close()
    happened.written.extend(titles)
    happened.seconds |= calm.seconds
    happened.answers |= calm.answers
    return _tell(ground, happened, rate)


def _visits(ground: Ground, reading: list[tuple[str, str]]) -> list[Visit]:
    writing = [_boxed(portal.frame(portal.employee)) for portal in ground.writers]
    troubled = [_boxed(portal.frame(portal.employee)) for portal in ground.in_trouble]
    forged = [_frame(reader, AUTH_ID="made-up-NUMBER") for reader in ground.readers]
    forged += [_boxed(portal.frame(portal.employee), AUTH_ID="made-up-NUMBER") for portal in ground.writers]
    return [
        Visit(reading, OPENING, SHARES[OPENING]),
        Visit(forged, FORGED_OPENING, SHARES[FORGED_OPENING]),
        Visit(troubled, TROUBLED_OPENING, SHARES[TROUBLED_OPENING]),
        Visit(writing, OPENING, SHARES[POST], POST),
    ]


def _frame(reader: Stand, **changes: str) -> tuple[str, str]:
    query, body = reader.frame(**card(), **changes)
    return f"/placement?{query}", body


def _boxed(frame: FramePost, **changes: str) -> tuple[str, str]:
    return f"/placement?{urlencode(frame.query)}", urlencode({**frame.fields, **changes})


def _visited(ground: Ground, plan: Plan) -> Happened:
    plan = dataclasses.replace(plan, port=int(ground.served.url.rpartition(":")[2]))
    command, told = [sys.executable, "-m", "tests.bench.visitors"], json.dumps(dataclasses.asdict(plan))
    out = subprocess.run(command, cwd=PROJECT, input=told, capture_output=True, text=True, check=True).stdout
    return Happened(**json.loads(out))


def _post_all(ground: Ground, pages: list[Page]) -> list[str]:
    """One after the other, as a person who sees a broken page: the same form once more, until there is an answer."""
    titles = []
    for number, page in enumerate(pages):
        fields = {**page.form, **WORDS, "title": f"{TROUBLED_POST} {number}"}
        titles.append(fields["title"])
        while _outcome(ground, fields) not in {"posted", "queued"}:
            time.sleep(AGAIN_SECONDS)
    return titles


def _outcome(ground: Ground, fields: dict[str, str]) -> str | None:
    try:
        return ground.served.post(fields).outcome
    except requests.RequestException:
        return None


def _open(ground: Ground, portal: Portal) -> Page:
    page = ground.served.send(portal.frame(portal.employee))
    assert page.status == 200, page.text
    return page


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


def _tell(ground: Ground, happened: Happened, rate: float) -> int:
    portals = [*ground.writers, *ground.in_trouble]
    found = Counter(message.title for portal in portals for message in portal.timeline(2, 1))
    lost = [title for title in happened.written if not found[title]]
    doubled = [title for title, count in found.items() if count > 1]
    is_served = _is_served(happened, rate)
    told = f"written {len(happened.written)}, delivered {len(found)}, doubled {len(doubled)}, lost {len(lost)}"
    sys.stdout.write("\n  ".join([told, *doubled, *lost]) + "\n")
    return int(bool(lost or doubled) or not is_served)


def _is_served(happened: Happened, rate: float) -> bool:
    """Whether other portals' openings were shown, in time, and forged ones were not."""
    _tell_times(happened, rate)
    served = happened.answers[OPENING].get("200", 0) / len(happened.seconds[OPENING])
    believed = happened.answers[FORGED_OPENING].get("200", 0)
    sys.stdout.write(
        f"other portals' openings that showed the page: {100 * served:.1f} %; forged ones that did: {believed}\n"
    )
    # On a machine that is slow without any fault, only a large slowdown by the faults counts.
    mark = max(HIGHEST_SECONDS, 2 * percentile(happened.seconds[CALM]))
    return not believed and percentile(happened.seconds[OPENING]) <= mark and served >= LEAST_SERVED


def _tell_times(happened: Happened, rate: float) -> None:
    sys.stdout.write(
        f"{rate:.0f} openings a second for {LOAD_SECONDS} s, {100 * SHARES[FORGED_OPENING]:.0f} % forged\n"
    )
    for kind, seconds in happened.seconds.items():
        shares = ", ".join(f"{share} % under {percentile(seconds, share):.3f} s" for share in (50, PERCENTILE, 99))
        sys.stdout.write(f"{kind}: {len(seconds)}, {shares}, at most {max(seconds):.2f} s; {happened.answers[kind]}\n")


def percentile(seconds: list[float], share: int = PERCENTILE) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[share - 1]


def _environment(authorities: list[str], app_url: str, database_url: str) -> dict[str, str]:
    return {
        "APP_URL": app_url,
        "B24_CLIENT_ID": stub_portal.CLIENT_ID,
        "B24_CLIENT_SECRET": CLIENT_SECRET,
        "B24_OAUTH_URL": ",".join(authorities),
        "SECRET_KEY": "bench" * 10,
        "TOKEN_KEYS": Fernet.generate_key().decode(),
        "DATABASE_URL": database_url,
        "B24_ALLOW_INSECURE": "1",
    }


if __name__ == "__main__":
    sys.exit(main())
