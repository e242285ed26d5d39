"""The project's version, licence and documentation agree with the code."""

import re
import tomllib
from pathlib import Path

import pytest
from click import Group

from b24app.config import PROJECT
from b24app.version import VERSION
from tests.support.logbook import Logbook

METADATA = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
CHANGELOG = (PROJECT / "CHANGELOG.md").read_text()
PAGES = [PROJECT / name for name in ("CONTRIBUTING.md", "SECURITY.md")] + sorted((PROJECT / "docs").glob("*.md"))
TARGETS = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
# What is made by running it need not exist.
DIRECTORIES = {path.name for path in PROJECT.iterdir() if path.is_dir()} - {"instance"}


def test_the_changelog_has_the_current_version_with_its_date() -> None:
    assert re.search(rf"^## {re.escape(VERSION)} \(\d{{4}}-\d\d-\d\d\)$", CHANGELOG, re.MULTILINE)
    assert METADATA["version"] == VERSION


def test_the_licence_is_the_one_that_is_declared() -> None:
    assert METADATA["license"] == "MIT"
    assert (PROJECT / "LICENSE").read_text().startswith("MIT License\n")


def test_the_doctor_names_the_version(logbook: Logbook) -> None:
    assert f"Logbook {VERSION}" in logbook.app.test_cli_runner().invoke(args=["doctor"]).output


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
class TestAPageOfTheDocumentation:
    def test_names_only_files_that_exist(self, page: Path) -> None:
        text = page.read_text()
        linked = [page.parent / path for path in re.findall(r"\[[^]]+\]\(([^):#]+)\)", text)]
        named = re.findall(r"`([A-Za-z0-9_.]+/[A-Za-z0-9_/.]*)`", text)
        here = [PROJECT / word for word in named if word.partition("/")[0] in DIRECTORIES]
        assert [str(path) for path in [*linked, *here] if not path.exists()] == []

    def test_names_only_targets_that_exist(self, page: Path) -> None:
        named = set(re.findall(r"(?:`|^    )make ([a-z-]+)", page.read_text(), re.MULTILINE))
        assert named - TARGETS == set()

    def test_names_only_commands_that_exist(self, page: Path, logbook: Logbook) -> None:
        for name, word in re.findall(r"flask --app app ([a-z]+)(?: ([a-z]+))?", page.read_text()):
            command = logbook.app.cli.commands[name]
            assert not isinstance(command, Group) or word in command.commands
