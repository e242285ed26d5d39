"""The demo: the portal in a box and Logbook, web and worker, started and stopped together.

Logbook is started by its commands, like any user does; nothing of it is imported. Ports are opened before their numbers
are given to other processes, so that no two demos choose the same one.
"""

import argparse
import base64
import errno
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

import requests

from .box import Box

PROJECT = Path(__file__).parent.parent
SCOPE = "crm,placement,bizproc"
LOGBOOK_PORT, PORTAL_PORT, OAUTH_PORT = 8000, 8010, 8011
START_SECONDS = 60
STOP_SECONDS = 10
LOOK_SECONDS = 0.1


class StartFailedError(Exception):
    """Says in one sentence what did not start."""


def main() -> int:
    """Starts everything, prints the address, and runs until Ctrl-C is pressed or a part ends."""
    parser = argparse.ArgumentParser(prog="python -m devportal.demo", description="Try Logbook without an account.")
    parser.add_argument(
        "--folder", type=Path, default=PROJECT / "instance" / "demo", help="for the database and the log"
    )
    folder: Path = parser.parse_args().folder
    signals: SimpleQueue[int] = SimpleQueue()
    # SIGHUP is sent when the terminal closes: the started processes must not outlive it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: signals.put(number))
    try:
        with hold(folder), Demo(folder) as demo:
            demo.start()
            print(demo.greeting, flush=True)
            while not _has_come(signals, LOOK_SECONDS):
                demo.check()
    except StartFailedError as failure:
        print(failure, file=sys.stderr)
        return 1
    print("Everything is stopped.")
    return 0


def _has_come(signals: SimpleQueue[int], seconds: float) -> bool:
    """Wait for a signal, and say whether one has come."""
    with suppress(Empty):
        return bool(signals.get(timeout=seconds))
    return False


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Locks the demo's folder; raises StartFailedError if another demo is using it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartFailedError(
                f"A demo is running in {folder} already: end it with Ctrl-C where it was started, "
                "or start this one with --folder and the name of another folder."
            ) from None
        yield


class Demo:
    """The parts of a demo, with a new database and new secrets each time."""

    def __init__(self, folder: Path) -> None:
        self.log_path = folder / "demo.log"
        self._folder = folder
        self._client_secret, self._secret_key = secrets.token_hex(16), secrets.token_hex(16)
        self._token_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        self._client_id = f"local.{secrets.token_hex(7)}.12345678"
        self._listener = listen(LOGBOOK_PORT)
        self._box = self._open_box()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Demo":
        return self

    def __exit__(self, *_failure: object) -> None:
        self.stop()

    @property
    def logbook(self) -> str:
        """Logbook's URL; its host differs from the portal's, so that the frame is a third-party one."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def greeting(self) -> str:
        return (
            f"\n  Open {self._box.portals[0].url}/\n\n"
            "  Press “Applications” and “Install”; then open a deal, press its tab “Logbook” and write an entry.\n"
            f"  Ctrl-C ends everything. What happens is written to {self.log_path}.\n"
        )

    def start(self) -> None:
        """Migrates, starts everything, and waits until Logbook answers; raises StartFailedError."""
        for leftover in self._folder.glob("logbook.db*"):
            leftover.unlink()
        self._box.start()
        with self.log_path.open("wb") as log:
            self._migrate(log)
            for name, command in self._commands().items():
                self._processes[name] = self._spawn(command, log)
        self._await(f"{self.logbook}/healthz")

    def check(self) -> None:
        """Raises StartFailedError when a part has ended by itself."""
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise self._failed(f"The {name} has ended.")

    def stop(self) -> None:
        """Stops all parts."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._box.stop()
        self._listener.close()

    def _open_box(self) -> Box:
        """Opens the box at the usual ports, or at free ones."""
        try:
            return Box(
                self.logbook,
                self._client_id,
                self._client_secret,
                title="Logbook",
                scope=SCOPE,
                port=PORTAL_PORT,
                oauth_port=OAUTH_PORT,
            )
        except OSError:
            return Box(self.logbook, self._client_id, self._client_secret, title="Logbook", scope=SCOPE)

    def _commands(self) -> dict[str, list[str]]:
        web = ["-m", "gunicorn", "--bind", f"fd://{self._listener.fileno()}", "--threads", "16", "--no-control-socket"]
        return {
            "web server": [sys.executable, *web, "app:app"],
            "worker": [sys.executable, "-m", "flask", "--app", "app", "worker"],
        }

    def _migrate(self, log: IO[bytes]) -> None:
        migration = self._spawn([sys.executable, "-m", "flask", "--app", "app", "db", "upgrade"], log)
        if migration.wait(START_SECONDS) != 0:
            raise self._failed("The database could not be made.")

    def _spawn(self, command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        # In a session of its own, so that Ctrl-C reaches only this process, which stops the others in order.
        return subprocess.Popen(
            command,
            cwd=PROJECT,
            env=self._environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=[self._listener.fileno()],
        )

    def _environment(self) -> Mapping[str, str]:
        return {
            **os.environ,
            "APP_URL": self.logbook,
            "B24_CLIENT_ID": self._client_id,
            "B24_CLIENT_SECRET": self._client_secret,
            "B24_OAUTH_URL": self._box.authority_url,
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
        raise self._failed(f"Nothing answers at {address}.")

    def _failed(self, sentence: str) -> StartFailedError:
        return StartFailedError(f"{sentence} Its last words are in {self.log_path}.")


def listen(preferred: int) -> socket.socket:
    """A listening socket at this port or, if it is taken, at a free one."""
    try:
        return socket.create_server(("127.0.0.1", preferred), backlog=128)
    except OSError as failure:
        if failure.errno != errno.EADDRINUSE:
            raise
        return socket.create_server(("127.0.0.1", 0), backlog=128)


if __name__ == "__main__":
    sys.exit(main())
