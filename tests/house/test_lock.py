"""The lock files: they contain every direct pin and all hashes, and `make` installs from them."""

import re

import pytest

from b24app.config import PROJECT

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;\\]+)", re.MULTILINE)
LOCKS = {f"requirements{part}.lock": f"requirements{part}.txt" for part in ("", "-watch", "-dev")}


def pins(name: str) -> dict[str, str]:
    """Package and version; names are compared without capitals, and ``-`` is ``_`` and ``.``."""
    found = PIN.findall((PROJECT / name).read_text())
    return {re.sub(r"[-_.]+", "-", package).lower(): version for package, version in found}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_direct_pin_is_locked_in_its_version(lock: str) -> None:
    assert pins(LOCKS[lock]).items() <= pins(lock).items(), "run make lock"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_has_hashes(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", (PROJECT / lock).read_text(), flags=re.MULTILINE).strip())
    assert len(entries) == len(PIN.findall((PROJECT / lock).read_text())) > 10
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_what_is_tested_is_what_runs() -> None:
    tested = pins("requirements-dev.lock").items()
    assert pins("requirements.lock").items() <= tested
    assert pins("requirements-watch.lock").items() <= tested


def test_make_installs_nothing_that_is_not_locked() -> None:
    installs = re.findall(r"pip install .*", (PROJECT / "Makefile").read_text())
    assert len(installs) >= 2
    for command in installs:
        assert "--require-hashes" in command or re.search(r" [a-z]+==[0-9.]+$", command), command
