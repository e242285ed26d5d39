"""The files in deploy/: checked by systemd's own verifier, and compared with the code and the documentation."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click import Group
from cryptography.fernet import Fernet

from b24app.config import PROJECT, VARIABLES, Config
from tests.conftest import any_database
from tests.devportal.tls import make_certificate
from tests.support.logbook import Logbook
from tests.support.service import DEPLOY, configure, site_file

UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
EXAMPLE = (DEPLOY / ".env.example").read_text()
# What gunicorn itself reads.
OF_GUNICORN = {"WEB_CONCURRENCY"}
FILLED = {
    "B24_CLIENT_ID": "local.5f0c1d2e3b4a59.12345678",
    "B24_CLIENT_SECRET": "client-secret",
    "SECRET_KEY": "k" * 32,
    "TOKEN_KEYS": Fernet.generate_key().decode(),
}


def written(text: str) -> list[str]:
    """The names of all settings, those included that are commented out."""
    return re.findall(r"^#?([A-Z0-9_]+)=", text, re.MULTILINE)


def set_there(text: str) -> Mapping[str, str]:
    return dict(re.findall(r"^([A-Z0-9_]+)=(.*)$", text, re.MULTILINE))


class TestTheExampleOfSettings:
    """deploy/.env.example."""

    def test_has_every_setting_once_and_no_other(self) -> None:
        names = written(EXAMPLE)
        assert sorted(set(names)) == sorted({*VARIABLES, *OF_GUNICORN})
        assert {name for name in names if names.count(name) > 1} <= {"DATABASE_URL"}

    def test_starts_logbook_once_the_secrets_are_filled_in(self) -> None:
        assert {name for name, value in set_there(EXAMPLE).items() if not value} == FILLED.keys()
        config = Config.from_environment({**set_there(EXAMPLE), **FILLED})
        assert config.database_url == "sqlite:////var/lib/logbook/logbook.db"
        assert config.trusted_proxies == 1

    @pytest.mark.parametrize(("name", "value"), re.findall(r"^#([A-Z0-9_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    def test_shows_only_values_that_are_taken(self, name: str, value: str, tmp_path: Path) -> None:
        if name == "CA_BUNDLE":
            value = "/etc/ssl/certs/ca-certificates.crt"
        if name.endswith("_PAGE"):
            value = str(DEPLOY / ".env.example")
        Config.from_environment({**set_there(EXAMPLE), **FILLED, name: value.strip("'")})


class TestUnits:
    """The units of systemd, their paths replaced by those of this machine."""

    @pytest.fixture
    def here(self, tmp_path: Path) -> Path:
        """A copy whose programs and folders exist."""
        for unit in UNITS:
            text = unit.read_text().replace("/opt/logbook/.venv/bin", str(Path(sys.executable).parent))
            (tmp_path / unit.name).write_text(text.replace("/opt/logbook", str(PROJECT)))
        return tmp_path

    def test_systemd_finds_nothing_wrong_with_them(self, here: Path) -> None:
        said = analyze("verify", "--man=no", "--recursive-errors=no", *(str(path) for path in here.iterdir()))
        assert said.stderr == ""
        assert said.returncode == 0

    @pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
    def test_a_service_may_do_nearly_nothing_else(self, here: Path, unit: Path) -> None:
        """Of 100 points of exposure, systemd's own measure; an unhardened service has 96."""
        said = analyze("security", "--offline=yes", "--threshold=15", str(here / unit.name))
        assert said.returncode == 0, said.stdout

    @pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
    def test_a_service_is_not_root_and_has_a_sign_of_life(self, unit: Path) -> None:
        lines = unit.read_text().splitlines()
        assert {"User=logbook", "Type=notify", "Restart=always"} <= set(lines)
        assert ("WatchdogSec=120" in lines) == (unit.stem == "logbook-worker")


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    """systemd-analyze, which needs no running systemd."""
    command = ["systemd-analyze", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


class TestNginx:
    """The sites."""

    def test_nginx_takes_the_site(self, tmp_path: Path) -> None:
        certificate = tmp_path / "certificate.pem"
        make_certificate(["localhost"], certificate)
        command = configure(tmp_path, "127.0.0.1:1080", "127.0.0.1:1443", certificate, tmp_path / "web.sock")
        said = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=60, check=False)
        assert said.returncode == 0, said.stderr
        assert "warn" not in said.stderr

    def test_the_containers_site_differs_in_its_addresses_alone(self) -> None:
        outside = {"/etc/letsencrypt/live/logbook.example.com/": "/etc/nginx/certificates/"}
        outside |= {"unix:/run/logbook/web.sock fail_timeout=0;": "web:8000;"}
        ours, theirs = site_file("nginx/logbook.conf", outside), site_file("container/nginx.conf", {})
        assert directives(ours) == directives(theirs)


def directives(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


class TestContainers:
    """What can be held without an engine that builds and runs them."""

    CONTAINERFILE = (DEPLOY / "container" / "Containerfile").read_text()
    COMPOSE = (DEPLOY / "container" / "compose.yaml").read_text()

    def test_they_say_first_that_they_were_not_run(self) -> None:
        for path in (DEPLOY / "container").iterdir():
            assert path.read_text().startswith("# Not run in this project's own checks"), path

    def test_the_image_has_all_that_the_web_server_reads(self) -> None:
        copied = re.findall(r"^COPY (?!--from)(.+) \S+$", self.CONTAINERFILE, re.MULTILINE)
        paths = {path for line in copied for path in line.split()}
        assert all((PROJECT / path.removeprefix("/")).exists() for path in paths)
        assert {"app.py", "b24app", "migrations", "static", "templates", "requirements.lock"} <= paths
        assert "deploy/gunicorn.conf.py" in paths
        assert not paths & {"tests", "devportal", "."}

    def test_nothing_in_the_image_runs_as_root(self) -> None:
        before, _, after = self.CONTAINERFILE.partition("\nUSER 10001:10001\n")
        assert after.count("\nCMD ") == 1
        assert "\nRUN " not in after
        assert "USER" not in before

    def test_compose_starts_the_same_commands(self) -> None:
        image = set(re.findall(r'"([^"]+)"', re.findall(r"^CMD (.+)$", self.CONTAINERFILE, re.MULTILINE)[-1]))
        (web,) = re.findall(r"command: \[(gunicorn.+)\]", self.COMPOSE)
        assert {word.strip().strip('"') for word in web.split(",")} == image
        assert "command: [flask, --app, app, worker]" in self.COMPOSE
        assert "command: [flask, --app, app, db, upgrade]" in self.COMPOSE


class TestTheCommand:
    """deploy/logbook."""

    def test_runs_a_command_with_the_settings_of_the_file(self, tmp_path: Path) -> None:
        home = tmp_path / "logbook"
        (home / ".venv" / "bin").mkdir(parents=True)
        (home / "deploy").mkdir()
        shutil.copy(DEPLOY / "logbook", home / "deploy" / "logbook")
        flask = home / ".venv" / "bin" / "flask"
        flask.write_text('#!/bin/sh\necho "$@"\npwd\nenv\n')
        flask.chmod(0o755)
        settings = tmp_path / "logbook.env"
        lines = [
            "# APP_URL=no",
            "APP_URL=https://logbook.example.com",
            "DATABASE_URL='postgresql://a@/b?host=/x&y=$HOME'",
        ]
        settings.write_text("\n".join([*lines, 'B24_CLIENT_ID="local.1"', "SECRET_KEY=$(id)"]))
        link = tmp_path / "command"
        link.symlink_to(home / "deploy" / "logbook")
        environment = {"PATH": "/usr/bin:/bin:/usr/sbin", "LOGBOOK_ENV": str(settings)}
        said = subprocess.run([link, "db", "upgrade"], env=environment, capture_output=True, text=True, check=True)
        told = said.stdout.splitlines()
        assert told[:2] == ["--app app db upgrade", str(home)]
        assert {
            "APP_URL=https://logbook.example.com",
            "DATABASE_URL=postgresql://a@/b?host=/x&y=$HOME",
            "B24_CLIENT_ID=local.1",
            "SECRET_KEY=$(id)",
        } <= set(told)


class TestTheGuide:
    """docs/operations.md."""

    GUIDE = (PROJECT / "docs" / "operations.md").read_text()

    @any_database
    def test_every_command_that_it_types_exists(self, logbook: Logbook) -> None:
        named = re.findall(r"(?:^    |`)(?:/opt/\S+/deploy/)?logbook ([a-z]+)(?: ([a-z]+))?", self.GUIDE, re.MULTILINE)
        assert len(named) > 10
        for name, word in named:
            command = logbook.app.cli.commands[name]
            assert not isinstance(command, Group) or word in command.commands, (name, word)

    def test_the_runbook_quotes_real_messages(self) -> None:
        rows = self.GUIDE.partition("## Runbook")[2].splitlines()
        quoted = {quote for row in rows if row.startswith("|") for quote in re.findall("`([^`]+)`", row.split("|")[1])}
        said = "\n".join(path.read_text() for path in (PROJECT / "b24app").rglob("*.py")) + "Watchdog timeout"
        assert len(quoted) > 12
        assert {quote for quote in quoted if quote not in said} == set()

    def test_every_file_of_deploy_that_it_names_exists(self) -> None:
        named = set(re.findall(r"(deploy/[\w./-]+\w)(?![\w*])", self.GUIDE))
        assert len(named) > 5
        assert {name for name in named if not (PROJECT / name).exists()} == set()
