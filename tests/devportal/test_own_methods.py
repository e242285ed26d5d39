"""A missing method can be added with ten lines in a file."""

import re
import subprocess
from pathlib import Path

import pytest
import requests

from devportal.readme_tables import README
from tests.devportal.test_command import PROJECT, addresses, command, running

EXAMPLE = re.search(r"```python\n(# my_methods\.py\n.*?)```", README.read_text("utf-8"), re.DOTALL)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The file that the README shows."""
    assert EXAMPLE
    path = tmp_path / "my_methods.py"
    path.write_text(EXAMPLE[1], "utf-8")
    return path


def test_the_method_of_the_readme_answers(example: Path) -> None:
    assert len(example.read_text().splitlines()) <= 12
    with running("--methods", str(example), "--scope", "crm") as (_, lines):
        assert "crm.currency.list" in lines[0]
        portal, _ = addresses(lines)
        frame = requests.post(f"{portal}/_box/scripts/frame", json={}, timeout=10).json()
        auth = {"auth": frame["fields"]["AUTH_ID"]}
        answer = requests.post(f"{portal}/rest/crm.currency.list", json=auth | {"filter": {"BASE": "Y"}}, timeout=10)
        assert answer.json()["result"] == [{"CURRENCY": "EUR", "BASE": "Y", "AMOUNT": "1.00"}]
        unknown = requests.post(f"{portal}/rest/crm.currency.get", json=auth, timeout=10)
        assert unknown.json()["error"] == "ERROR_METHOD_NOT_FOUND"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def broken(:", "SyntaxError"),
        ("import no_such_module_here", "ModuleNotFoundError"),
        ("x = 1", "registers no methods"),
        (None, "FileNotFoundError"),
    ],
)
def test_an_unusable_file_is_reported_in_one_line(tmp_path: Path, text: str | None, words: str) -> None:
    path = tmp_path / "my_methods.py"
    if text is not None:
        path.write_text(text)
    ended = subprocess.run(
        command("--methods", str(path)), cwd=PROJECT, capture_output=True, text=True, timeout=30, check=False
    )
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert words in ended.stderr
