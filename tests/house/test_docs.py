"""README and configuration agree with the code: settings, targets, commands, URLs and files."""

import re

import pytest
from click import Group

from b24app.config import PROJECT, VARIABLES
from tests.support.logbook import Logbook

README = (PROJECT / "README.md").read_text()
CONFIGURATION = (PROJECT / "docs/configuration.md").read_text()
ROW = re.compile(r"^\| `([A-Z0-9_]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
TARGET = re.compile(r"^([a-z]+):.*## ", re.MULTILINE)
NAMED_TARGET = re.compile(r"(?:`|^    )make ([a-z]+)", re.MULTILINE)
NAMED_COMMAND = re.compile(r"flask --app app ([a-z]+)(?: ([a-z]+))?")
DEFAULTS = {name: default.strip("`") for name, _, default in ROW.findall(CONFIGURATION)}


def is_required(name: str) -> bool:
    _, default, read = VARIABLES[name]
    try:
        read(default)
    except ValueError:
        return True
    return False


def test_the_table_of_settings_lists_exactly_those_that_are_read() -> None:
    assert sorted(DEFAULTS) == sorted(VARIABLES)


@pytest.mark.parametrize("name", VARIABLES)
def test_the_table_names_the_default(name: str) -> None:
    told = DEFAULTS[name].partition("`,")[0]
    default = VARIABLES[name][1].removeprefix("sqlite:///").removeprefix(f"{PROJECT}/")
    assert (DEFAULTS[name] == "none: required") == is_required(name)
    if default:
        assert told == default
    else:
        assert DEFAULTS[name].startswith("none: ")


def test_every_target_of_make_is_named_and_has_its_sentence() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    assert set(NAMED_TARGET.findall(README)) == set(TARGET.findall(makefile)) - {"help"}


def test_every_command_that_is_named_exists(logbook: Logbook) -> None:
    commands = logbook.app.cli.commands
    named = NAMED_COMMAND.findall(README)
    assert {"db", "worker"} <= {command for command, _ in named}
    for command, word in named:
        found = commands[command]
        if isinstance(found, Group):
            assert word in found.commands


def test_every_address_that_is_named_exists(logbook: Logbook) -> None:
    addresses = {rule.rule for rule in logbook.app.url_map.iter_rules()}
    named = re.findall(r"https://logbook\.example\.com(/[a-z/]*)`|`(?:GET|POST) (/[a-z/]*)`", README)
    assert len(named) >= 4
    assert {first or second for first, second in named} - addresses == set()


def test_every_file_that_is_named_exists() -> None:
    linked = re.findall(r"(?<!!)\[[^]]+\]\(([^):#]+)\)", README)
    in_words = [path for path in re.findall(r"`([a-z0-9_]+/[a-z0-9_/.]+)`", README) if path != "instance/logbook.db"]
    assert linked
    assert [path for path in [*linked, *in_words] if not (PROJECT / path).exists()] == []
