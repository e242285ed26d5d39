"""Servers to measure: a portal that answers at once, web servers, and wrk on the machine's other core."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from bs4 import BeautifulSoup
from cryptography.fernet import Fernet

from tests.bench import stub_portal
from tests.support.served import PROJECT, Served

CORES = sorted(os.sched_getaffinity(0))
# What is measured has a core of its own; whatever makes it work shares the other one.
MEASURED, OTHERS = CORES[:1], CORES[1:2] or CORES[:1]
CONNECTIONS = 8
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
LOAD = Path(__file__).parent / "load.lua"


def card(number: int = stub_portal.CARD) -> dict[str, str]:
    """The fields of a frame that say on which card it is."""
    return {"PLACEMENT": "CRM_DEAL_DETAIL_TAB", "PLACEMENT_OPTIONS": f'{{"ID":"{number}"}}'}


@dataclass(frozen=True)
class Load:
    """What a round of wrk has done, and what it cost the servers in seconds of a processor."""

    requests: int
    seconds: float
    cpu_seconds: float

    @property
    def a_second(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu_milliseconds(self) -> float:
        return 1000 * self.cpu_seconds / self.requests


@dataclass(frozen=True)
class Stand:
    """A running portal, and the folder for everything that belongs to a run."""

    portal_url: str
    folder: Path

    def environment(self, app_url: str, database_url: str = "") -> dict[str, str]:
        return {
            "APP_URL": app_url,
            "B24_CLIENT_ID": stub_portal.CLIENT_ID,
            "B24_CLIENT_SECRET": "bench-secret",
            "B24_OAUTH_URL": self.portal_url,
            "SECRET_KEY": "bench-" * 8,
            "TOKEN_KEYS": Fernet.generate_key().decode(),
            "DATABASE_URL": database_url or f"sqlite:///{self.folder / 'bench.db'}",
            "B24_ALLOW_INSECURE": "1",
        }

    def frame(self, **fields: str) -> tuple[str, str]:
        """The query and the body with which a portal opens a frame."""
        host = self.portal_url.partition("://")[2]
        query = {"DOMAIN": host, "PROTOCOL": "0", "LANG": "en", "APP_SID": "bench"}
        tokens = {"AUTH_ID": stub_portal.ACCESS_TOKEN, "AUTH_EXPIRES": "3600", "REFRESH_ID": "bench-refresh"}
        place = {
            "SERVER_ENDPOINT": f"{self.portal_url}/rest/",
            "member_id": stub_portal.member_id(self.portal_url),
            "status": "F",
        }
        return urlencode(query), urlencode({**tokens, **place, "APPLICATION_TOKEN": "bench-token", **fields})


@contextmanager
def standing() -> Iterator[Stand]:
    with (
        tempfile.TemporaryDirectory(prefix="logbook-bench-") as folder,
        on_cores(OTHERS),
        stubs(1) as (_process, [url]),
    ):
        yield Stand(url, Path(folder))


@contextmanager
def stubs(count: int) -> Iterator[tuple[int, list[str]]]:
    """The number of their process, and their addresses: their sockets are open before it starts."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    numbers = [listener.fileno() for listener in listeners]
    command = [sys.executable, "-m", "tests.bench.stub_portal", *map(str, numbers)]
    process = subprocess.Popen(command, cwd=PROJECT, pass_fds=numbers)
    try:
        yield process.pid, [f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in listeners]
    finally:
        process.terminate()
        process.wait()
        for listener in listeners:
            listener.close()


@contextmanager
def logbook(stand: Stand, database_url: str = "", **more: str) -> Iterator[Served]:
    """Logbook on a migrated database, installed in the portal."""
    served = Served(stand.folder / "logbook.log")
    environment = {**os.environ, **stand.environment(served.url, database_url), **more}
    flask(environment, "db", "upgrade")
    with on_cores(MEASURED):
        served.start(environment)
    with served:
        install(stand, served)
        yield served


def install(stand: Stand, served: Served) -> None:
    """The portal remembers nothing, so the tab is never found to be there; but Logbook is installed."""
    query, body = stand.frame(PLACEMENT="DEFAULT")
    served.send_form(f"/install?{query}", body)


@contextmanager
def peer(stand: Stand, *, is_batched: bool) -> Iterator[Served]:
    """The application that Logbook is compared with."""
    name = "batched" if is_batched else "plain"
    served = Served(stand.folder / f"{name}.log", application="tests.bench.peer:app", health="/placement")
    with on_cores(MEASURED):
        served.start({**os.environ, "PORTAL": stand.portal_url, "IS_BATCHED": str(int(is_batched))})
    with served:
        yield served


def flask(environment: Mapping[str, str], *words: str) -> float:
    """Run one of our commands; answers how many seconds of a processor it took."""
    began = os.times()
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    subprocess.run(command, cwd=PROJECT, env=dict(environment), check=True, capture_output=True)
    ended = os.times()
    return ended.children_user + ended.children_system - began.children_user - began.children_system


def form_of(stand: Stand, served: Served, number: int = stub_portal.CARD) -> dict[str, str]:
    """The fields of a composer that is opened on a card, without text."""
    query, body = stand.frame(**card(number))
    return fields_of(served.send_form(f"/placement?{query}", body).text)


def fields_of(page: str) -> dict[str, str]:
    """The same, of a page."""
    soup = BeautifulSoup(page, "html.parser")
    fields = soup.select("form[data-composer] input[type=hidden]")
    return {str(field["name"]): str(field["value"]) for field in fields} | {"icon": "info"}


def load(served: Served, path: str, seconds: int, bodies: Sequence[str] = (), header: str = "") -> Load:
    """Ask as fast as it goes, in as many threads as there are bodies; NUMBER in them is another one in each request."""
    stem = served.log_path.with_suffix(".body")
    for number, body in enumerate(bodies):
        Path(f"{stem}{number}").write_text(body)
    script = [str(stem), *([header] if header else [])] if bodies else []
    # By itself, wrk counts an answer after two seconds as a failure, which on a busy machine it is not.
    measured = [f"-t{len(bodies) or 1}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s"]
    command = ["wrk", *measured, "-s", str(LOAD), f"{served.url}{path}", "--", *script]
    before = cpu_seconds(served)
    with on_cores(OTHERS):
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent = cpu_seconds(served) - before
    words = next(line for line in out.splitlines() if line.startswith("RESULT")).split()
    if failed := [line for line in out.splitlines() if line.startswith("FAILED")]:
        # A refusal is cheaper than what is to be measured.
        raise RuntimeError(f"of {words[1]} requests to {path}: {failed}\n{served.log[-3000:]}")
    return Load(int(words[1]), float(words[2]), spent)


def cpu_seconds(served: Served) -> float:
    """What the server and its workers have spent until now, in the kernel, too."""
    return cpu_of(served.processes)


def cpu_of(processes: Iterable[int]) -> float:
    """The same of any processes, by their numbers."""
    spent = 0
    for number in processes:
        # The name of a process, in brackets, may have spaces.
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        spent += int(fields[11]) + int(fields[12])
    return spent / TICKS_A_SECOND


def memory_megabytes(served: Served) -> float:
    """What the fattest process of a server holds in memory."""
    sizes = []
    for number in served.processes:
        status = Path(f"/proc/{number}/status").read_text()
        sizes.append(int(status.partition("VmRSS:")[2].split()[0]) / 1024)
    return max(sizes)


@contextmanager
def on_cores(cores: list[int]) -> Iterator[None]:
    """Processes that are started meanwhile stay on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
