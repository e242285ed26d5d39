"""The declared types of scripts match the pages, and comments and types are stripped from scripts."""

import re
from pathlib import Path

import pytest

from b24app.config import PROJECT
from b24app.web.static_files import StaticFiles

TYPES = (PROJECT / "tests/scripts/pages.d.ts").read_text()
PAGES = [PROJECT / "templates", PROJECT / "devportal/pages/templates"]
# What makes elements: templates, and the scripts that write some themselves.
MADE = [path.read_text() for folder in PAGES for path in folder.rglob("*.html")]
MADE += [path.read_text() for path in (PROJECT / "devportal/pages/static").glob("*.js")]
SELECTOR = re.compile(r"([a-z0-9]*)(?:\.([\w-]+))?(?:\[([\w-]+)(?:=([\w-]+))?\])?")
SCRIPTS = [path.relative_to(PROJECT / "static").as_posix() for path in sorted((PROJECT / "static").rglob("*.js"))]


def members(name: str) -> list[str]:
    """The strings of which a type is one."""
    found = re.search(rf"^type {name} =([^;]+);", TYPES, re.MULTILINE)
    assert found
    return re.findall(r'"([^"]+)"', found[1])


def is_made(part: str) -> bool:
    """Whether something makes an element that one simple selector finds."""
    found = SELECTOR.fullmatch(part)
    assert found, part
    tag, kind, attribute, value = found.groups("")
    wanted = rf"<{tag or '[a-z0-9]+'}\b"
    if kind:
        wanted += rf'[^>]*class="[^"]*\b{kind}\b'
    if attribute:
        wanted += rf"""[^>]*[\s'"]{attribute}""" + (rf'="{value}"' if value else r"\b")
    return any(re.search(wanted, text) for text in MADE)


def test_everything_declared_about_pages_exists_in_pages() -> None:
    parts = {part for selector in members("Always") for one in selector.split(", ") for part in one.split()}
    assert len(parts) > 30
    assert sorted(part for part in parts if not is_made(part)) == []


def test_so_is_what_is_found_by_its_id() -> None:
    names = members("AlwaysById")
    assert len(names) > 5
    assert [name for name in names if not any(f'id="{name}"' in text for text in MADE)] == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_browsers_get_scripts_without_comments_types_and_indentation(name: str) -> None:
    path = PROJECT / "static" / name
    served = StaticFiles(PROJECT / "static", "/static").files[name].body.decode()
    assert [line for line in served.split("\n") if re.match(r"\s|//|/\*|.*@type", line)] == []
    assert _bare(served) == _bare(_without_comments(path))


@pytest.mark.parametrize("path", [*(PROJECT / "static").rglob("*.js"), *(PROJECT / "static").glob("*.css")], ids=str)
def test_no_string_goes_over_several_lines(path: Path) -> None:
    """Its indentation would be lost."""
    lines = [line for line in path.read_text().split("\n") if not re.match(r"\s*(//|/?\*)", line)]
    assert [line for line in lines if line.count("`") % 2 or line.endswith("\\")] == []


def _without_comments(path: Path) -> str:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    return re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)


def _bare(source: str) -> str:
    return re.sub(r"\s+|\?v=\w+", "", source)
