"""The demo: the portal in a box and Logbook, web and worker, started together and ended together.

Logbook is started as a stranger would start it, by its commands and its environment; nothing of it is imported.
"""

import argparse
import base64
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import requests

PROJECT = Path(__file__).parent.parent
PREFERRED_PORTS = {"logbook": 8000, "portal": 8010, "oauth": 8011}
START_SECONDS = 60
STOP_SECONDS = 10
LOOK_SECONDS = 0.1


class StartFailedError(Exception):
    """One sentence that says which part did not start."""


@dataclass(frozen=True)
class Addresses:
    """Logbook and the portal have different hosts, so that the frame is truly a foreign one."""

    logbook_port: int
    portal_port: int
    oauth_port: int

    @property
    def logbook(self) -> str:
        return f"http://127.0.0.1:{self.logbook_port}"

    @property
    def portal(self) -> str:
        return f"http://localhost:{self.portal_port}"

    @property
    def oauth(self) -> str:
        return f"http://localhost:{self.oauth_port}"


def main() -> int:
    """Start everything, say where to go, and stay until somebody presses Ctrl-C or a part dies."""
    parser = argparse.ArgumentParser(prog="python -m devportal.demo", description="Try Logbook without an account.")
    parser.add_argument(
        "--folder", type=Path, default=PROJECT / "instance" / "demo", help="for the database and the log"
    )
    folder: Path = parser.parse_args().folder
    stopping = threading.Event()
    # SIGHUP is a terminal that is closed: what was started must not outlive it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stopping.set())
    demo = Demo(folder, choose_addresses())
    try:
        demo.start()
        print(demo.greeting, flush=True)
        while not stopping.wait(LOOK_SECONDS):
            demo.check()
    except StartFailedError as failure:
        print(f"{failure} Its last words are in {demo.log_path}.", file=sys.stderr)
        return 1
    finally:
        demo.stop()
    print("Everything is stopped.")
    return 0


def choose_addresses() -> Addresses:
    """The usual ports, or free ones where those are taken."""
    return Addresses(*(_free_port(PREFERRED_PORTS[name]) for name in ("logbook", "portal", "oauth")))


class Demo:
    """The processes of one demo, with a database and secrets of its own that are new each time."""

    def __init__(self, folder: Path, addresses: Addresses) -> None:
        self.addresses = addresses
        self.log_path = folder / "demo.log"
        self._folder = folder
        self._client_secret, self._secret_key = secrets.token_hex(16), secrets.token_hex(16)
        self._token_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        self._client_id = f"local.{secrets.token_hex(7)}.12345678"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def greeting(self) -> str:
        return (
            f"\n  Open {self.addresses.portal}/\n\n"
            "  Press “Applications” and “Install”; then open a deal, press its tab “Logbook” and write an entry.\n"
            f"  Ctrl-C ends everything. What happens is written to {self.log_path}.\n"
        )

    def start(self) -> None:
        """Migrate, start, and wait until each part answers; raises StartFailedError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for leftover in self._folder.glob("logbook.db*"):
            leftover.unlink()
        with self.log_path.open("wb") as log:
            self._migrate(log)
            for name, command in self._commands().items():
                self._processes[name] = self._spawn(command, log)
        for address in (f"{self.addresses.logbook}/healthz", f"{self.addresses.portal}/"):
            self._await(address)

    def check(self) -> None:
        """Raises StartFailedError when a part has ended by itself."""
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise StartFailedError(f"The {name} has ended.")

    def stop(self) -> None:
        """Ask every part to end, and make sure that it does."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _commands(self) -> dict[str, list[str]]:
        here = self.addresses
        portal = ["-m", "devportal", "--app-url", here.logbook, "--client-id", self._client_id]
        portal += [
            "--client-secret",
            self._client_secret,
            "--port",
            str(here.portal_port),
            "--oauth-port",
            str(here.oauth_port),
        ]
        web = ["-m", "gunicorn", "--bind", f"127.0.0.1:{here.logbook_port}", "--threads", "16", "--no-control-socket"]
        return {
            "portal": [sys.executable, *portal],
            "web server": [sys.executable, *web, "app:app"],
            "worker": [sys.executable, "-m", "flask", "--app", "app", "worker"],
        }

    def _migrate(self, log: IO[bytes]) -> None:
        migration = self._spawn([sys.executable, "-m", "flask", "--app", "app", "db", "upgrade"], log)
        if migration.wait(START_SECONDS) != 0:
            raise StartFailedError("The database could not be made.")

    def _spawn(self, command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C reaches this process alone, which then ends the others in peace.
        return subprocess.Popen(
            command, cwd=PROJECT, env=self._environment(), stdout=log, stderr=log, start_new_session=True
        )

    def _environment(self) -> Mapping[str, str]:
        return {
            **os.environ,
            "APP_URL": self.addresses.logbook,
            "B24_CLIENT_ID": self._client_id,
            "B24_CLIENT_SECRET": self._client_secret,
            "B24_OAUTH_URL": self.addresses.oauth,
            "B24_ALLOW_INSECURE": "1",
            "SECRET_KEY": self._secret_key,
            "TOKEN_KEYS": self._token_key,
            "DATABASE_URL": f"sqlite:///{self._folder.resolve() / 'logbook.db'}",
        }

    def _await(self, address: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self.check()
            try:
                if requests.get(address, timeout=2).ok:
                    return
            except requests.RequestException:
                pass
            time.sleep(LOOK_SECONDS)
        raise StartFailedError(f"Nothing answers at {address}.")


def _free_port(preferred: int) -> int:
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise StartFailedError("There is no free port on this machine.")


if __name__ == "__main__":
    sys.exit(main())
