"""Logbook as deploy/ installs it: started by its unit's command on a socket that systemd would hold, behind nginx."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.devportal.tls import make_certificate
from tests.support.served import MEASURED

PROJECT = Path(__file__).parent.parent.parent
DEPLOY = PROJECT / "deploy"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
SECONDS = 60
# What systemd does: the socket becomes file number 3, and the environment says so.
ACTIVATE = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); "
    "os.execv(sys.argv[2], sys.argv[2:])"
)
MAIN = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
{user}
events {{ worker_connections 64; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def unit_command(unit: str) -> list[str]:
    """The ExecStart of a unit, in this project's own environment."""
    text = (DEPLOY / "systemd" / unit).read_text()
    (line,) = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    return line.removeprefix("ExecStart=").replace("/opt/logbook/.venv/bin", str(Path(sys.executable).parent)).split()


class WebService:
    """``logbook-web.service`` with ``logbook.socket``: it can be stopped and started while the socket stays."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.socket_path = folder / "web.sock"
        self.log_path = folder / "web.log"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.socket_path))
        self._listener.listen(1024)
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notices.bind(str(folder / "notify"))
        self._notices.settimeout(SECONDS)
        self._environment = {
            "PATH": os.environ["PATH"],
            "NOTIFY_SOCKET": str(folder / "notify"),
            **MEASURED,
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when the service has said that it is ready."""
        number = self._listener.fileno()
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", ACTIVATE, str(number), *unit_command("logbook-web.service")],
                cwd=PROJECT,
                env=self._environment,
                stdout=log,
                stderr=log,
                pass_fds=[number],
            )
        self._hear("READY=1")

    def reload(self) -> None:
        """``systemctl reload``; returns when a new process has taken the place of the old one."""
        assert self._process
        started = self._count("Booting worker")
        ended = self._count("Worker exiting")
        self._process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + SECONDS
        while self._count("Booting worker") == started or self._count("Worker exiting") == ended:
            assert time.monotonic() < deadline, self.log_path.read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """``systemctl stop``; the socket stays."""
        if self._process:
            self._process.terminate()
            assert self._process.wait(SECONDS) == 0, self.log_path.read_text()
            self._process = None

    def close(self) -> None:
        self.stop()
        self._listener.close()
        self._notices.close()

    def _count(self, words: str) -> int:
        return self.log_path.read_text().count(words)

    def _hear(self, word: str) -> None:
        while word not in self._notices.recv(4096).decode():
            pass


@dataclass(frozen=True)
class Site:
    """The site as the world sees it."""

    http: str
    https: str
    certificate: Path
    web: WebService

    def session(self) -> requests.Session:
        """Trusts the certificate, and takes no proxy from the environment."""
        session = requests.Session()
        session.trust_env = False
        session.verify = str(self.certificate)
        return session


def site_file(name: str, replaced: Mapping[str, str]) -> str:
    """A site of deploy/ with other addresses, each of which must occur in it; IPv6 is left out."""
    text = (DEPLOY / name).read_text()
    for old, new in replaced.items():
        assert old in text, old
        text = text.replace(old, new)
    return "\n".join(line for line in text.splitlines() if "listen [::]" not in line)


@contextmanager
def site(folder: Path, settings: Mapping[str, str]) -> Iterator[Site]:
    """Real nginx with deploy/nginx/logbook.conf in front of the web service."""
    with ExitStack() as stack:
        web = WebService(folder, settings)
        stack.callback(web.close)
        web.start()
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        plain, secure = (f"127.0.0.1:{listener.getsockname()[1]}" for listener in listeners)
        certificate = folder / "certificate.pem"
        make_certificate(["localhost"], certificate)
        command = configure(folder, plain, secure, certificate, web.socket_path)
        # nginx takes over sockets that are open already, as in its own upgrades: nobody else can get these ports.
        numbers = [listener.fileno() for listener in listeners]
        environment = {"PATH": os.environ["PATH"], "NGINX": "".join(f"{number};" for number in numbers)}
        log = stack.enter_context((folder / "nginx.log").open("ab"))
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, pass_fds=numbers)
        stack.callback(process.wait, SECONDS)
        stack.callback(process.terminate)
        names = [address.replace("127.0.0.1", "localhost") for address in (plain, secure)]
        yield Site(f"http://{names[0]}", f"https://{names[1]}", certificate, web)


def configure(folder: Path, plain: str, secure: str, certificate: Path, upstream: Path) -> list[str]:
    """Write nginx's files for these addresses; returns the command that serves them."""
    replaced = {
        "listen 80;": f"listen {plain};",
        "listen 443 ssl": f"listen {secure} ssl",
        "logbook.example.com;": "localhost;",
        "/etc/letsencrypt/live/logbook.example.com/fullchain.pem": str(certificate),
        "/etc/letsencrypt/live/logbook.example.com/privkey.pem": str(certificate),
        "/run/logbook/web.sock": str(upstream),
    }
    (folder / "site.conf").write_text(site_file("nginx/logbook.conf", replaced))
    # Its processes must reach a socket in a folder that belongs to whoever runs the tests.
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
    return [NGINX, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
