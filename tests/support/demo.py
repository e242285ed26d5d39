"""The demo as a stranger starts it, by its command, and what can be seen of it from outside."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.support.logbook import Page
from tests.support.markup import Element, parse

PROJECT = Path(__file__).parent.parent.parent
STOP_SECONDS = 30


@dataclass
class Demo:
    """The running demo; ``portal`` is the address that it prints, ``logbook`` the one it keeps to itself."""

    process: subprocess.Popen[str]
    portal: str
    folder: Path

    @property
    def logbook(self) -> str:
        found = re.search(r"http://127\.0\.0\.1:\d+", requests.get(f"{self.portal}/market/", timeout=10).text)
        assert found
        return found[0]

    @property
    def log(self) -> str:
        return (self.folder / "demo.log").read_text()

    @property
    def processes(self) -> list[Path]:
        """All that live with this demo's settings in their environment."""
        return [process for process in Path("/proc").glob("[0-9]*") if str(self.folder) in _environment_of(process)]

    def new_portal(self, kind: str = "cloud", name: str = "Workshop") -> str:
        """The address of another portal, so that each test has one of its own."""
        answer = requests.post(f"{self.portal}/_box/portals", json={"kind": kind, "name": name}, timeout=10)
        return str(answer.json()["url"])

    def installed_portal(self) -> str:
        """The same with Logbook in it, installed in a moment: without a browser, by what a browser would send."""
        portal = self.new_portal()
        answer = requests.post(f"{portal}/_box/applications/1/install", timeout=10)
        panel = parse(answer.text).select_one("[data-client-id]")
        assert panel
        assert _submit(panel).ok
        told = {"client_id": panel["data-client-id"]}
        assert requests.post(f"{portal}/_box/frame/install-finish", json=told, timeout=60).ok
        return portal

    def write(self, portal: str, titles: Iterable[str]) -> None:
        """Entries on the first deal, one after the other, in the same way."""
        tab = parse(requests.get(f"{portal}/crm/deal/details/1/", timeout=10).text).select_one("[data-panel]")
        assert tab
        answer = _submit(parse(requests.get(f"{portal}{tab['data-panel']}", timeout=10).text))
        for title in titles:
            form = Page(answer.status_code, answer.headers, answer.text).form
            words = {"icon": "call", "title": title, "text": "Words"}
            answer = requests.post(f"{self.logbook}/entries", data={**form, **words}, timeout=60)
            assert answer.ok, answer.text

    def control(self, portal: str, lever: str, **given: object) -> None:
        """Pull a lever of that portal's Weather page."""
        answer = requests.post(f"{portal}/_box/levers/{lever}", json=given, timeout=10)
        assert answer.ok, answer.text

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Stops it by Ctrl-C, or another signal; returns the exit code and the last output."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> tuple[int, str]:
        last_words, _ = self.process.communicate(timeout=STOP_SECONDS)
        return self.process.returncode, last_words


@contextmanager
def started(folder: Path) -> Iterator[Demo]:
    """Whatever a test leaves running is ended."""
    command = [sys.executable, "-m", "devportal.demo", "--folder", str(folder)]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield Demo(process, _address_printed(process), folder)
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=STOP_SECONDS)


def _submit(page: Element) -> requests.Response:
    """The answer to the only form of a page of the portal: it fills a frame."""
    (form,) = page.select("form")
    fields = {str(field["name"]): str(field["value"]) for field in form.select("input")}
    return requests.post(str(form["action"]), data=fields, timeout=60)


def _address_printed(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    said: list[str] = []
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"Open (http://\S+?)/?\s", line):
            return found[1]
    process.communicate()
    raise AssertionError(f"the demo did not start: {''.join(said)}")


def _environment_of(process: Path) -> str:
    try:
        return (process / "environ").read_text(errors="replace")
    except OSError:  # it has ended meanwhile, or is not ours
        return ""
