"""Logbook as processes of its own, met over real HTTP."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

import brotli
import requests

from devportal import FramePost
from tests.support.logbook import Page

PROJECT = Path(__file__).parent.parent.parent
START_SECONDS = 60
STOP_SECONDS = 30
# Set by `make coverage`, so that processes of their own are measured, too.
MEASURED = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}


@dataclass(frozen=True)
class Fetched:
    """An answer by its size on the way."""

    size: int
    encoding: str
    text: str


class Served:
    """gunicorn on a socket that is open before it starts, so that its address is known and nobody can take it."""

    def __init__(self, log_path: Path, application: str = "app:app", health: str = "/healthz") -> None:
        self.log_path = log_path
        self._application = application
        self._health = health
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._process: subprocess.Popen[bytes] | None = None
        self._worker: subprocess.Popen[bytes] | None = None
        self._environment: Mapping[str, str] = {}
        self._http = requests.Session()
        self._http.trust_env = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def processes(self) -> list[int]:
        """The numbers of the web server and of those that it has started."""
        assert self._process, "it was never started"
        number = self._process.pid
        children = Path(f"/proc/{number}/task/{number}/children").read_text()
        return [number, *map(int, children.split())]

    @property
    def worker(self) -> int:
        """The number of the worker's process."""
        assert self._worker, "it was never started"
        return self._worker.pid

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    def start(self, settings: Mapping[str, str], *, workers: int = 1, threads: int = 8) -> "Served":
        """Returns when it answers."""
        self._environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **MEASURED, **settings}
        number = self._listener.fileno()
        command = ["-m", "gunicorn", "--bind", f"fd://{number}", "--workers", str(workers)]
        command += ["--threads", str(threads)]
        if workers > 1:
            command.append("--preload")  # forked, not imported once more by each
        with self.log_path.open("ab") as log:
            self._process = self._spawn([*command, "--no-control-socket", self._application], log, pass_fds=[number])
        self._await()
        return self

    def work(self) -> None:
        """One round of the worker, as a process of its own."""
        with self.log_path.open("ab") as log:
            process = self._spawn(["-m", "flask", "--app", "app", "worker", "--once"], log)
        assert process.wait(STOP_SECONDS) == 0, self.log

    def start_worker(self) -> None:
        """Beside the web server, until it is stopped."""
        with self.log_path.open("ab") as log:
            self._worker = self._spawn(["-m", "flask", "--app", "app", "worker"], log)

    def stop_worker(self) -> None:
        """Lets it finish what it is at."""
        if self._worker:
            self._worker.terminate()
            self._worker.wait(STOP_SECONDS)
            self._worker = None

    def stop(self) -> None:
        """Ends it as an operator would."""
        self.stop_worker()
        if self._process:
            self._process.terminate()
            self._process.wait(STOP_SECONDS)
        self._http.close()
        self._listener.close()

    def __enter__(self) -> "Served":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def send(self, frame: FramePost, **changes: str) -> Page:
        return self._page(self._http.post(frame.full_url, data={**frame.fields, **changes}, timeout=60))

    def post(self, form: Mapping[str, str], **fields: str) -> Page:
        """May be called from many threads; each call has a connection of its own."""
        return self._page(requests.post(f"{self.url}/entries", data={**form, **fields}, timeout=60))

    def send_form(self, address: str, body: str) -> Page:
        """Posts a body that is urlencoded already."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._page(self._http.post(f"{self.url}{address}", data=body, headers=headers, timeout=60))

    def fetch(self, address: str, accepted: str, body: str = "") -> "Fetched":
        """With a browser's Accept-Encoding; a body is posted."""
        headers = {"Accept-Encoding": accepted, "Content-Type": "application/x-www-form-urlencoded"}
        verb = "POST" if body else "GET"
        url = f"{self.url}{address}"
        with self._http.request(verb, url, data=body or None, headers=headers, stream=True, timeout=60) as answer:
            raw = answer.raw.read(decode_content=False)
        encoding = answer.headers.get("Content-Encoding", "")
        text = brotli.decompress(raw).decode() if encoding == "br" else raw.decode()
        return Fetched(len(raw), encoding, text)

    @property
    def environment(self) -> Mapping[str, str]:
        """With which it was started."""
        return self._environment

    def get(self, address: str, **query: str) -> Page:
        return self._page(self._http.get(f"{self.url}{address}", params=query, timeout=60, allow_redirects=False))

    def event(self, fields: Mapping[str, str]) -> Page:
        return self._page(self._http.post(f"{self.url}/events", data=dict(fields), timeout=60))

    def _spawn(self, command: list[str], log: IO[bytes], pass_fds: list[int] | None = None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=PROJECT,
            env=dict(self._environment),
            stdout=log,
            stderr=log,
            pass_fds=pass_fds or [],
        )

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self._process, "it was never started"
            assert self._process.poll() is None, self.log
            try:
                if self._http.get(f"{self.url}{self._health}", timeout=2).status_code < 500:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.05)
        raise AssertionError(self.log)

    def _page(self, answer: requests.Response) -> Page:
        answer.encoding = "utf-8"
        return Page(answer.status_code, dict(answer.headers), answer.text)
