"""Names are the field's own terms (docs/glossary.md), and texts say "they" for anybody."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from b24app.config import PROJECT

RETIRED = {
    *("desk", "office", "workbench", "shelf", "bench", "mortal", "stranger", "strangers"),
    *("revival", "leaving", "moving", "drain", "facts", "reconcile", "util", "utils", "helper", "helpers", "misc"),
    *("weather", "sky", "courier", "letters", "lever", "levers", "pull", "keeper", "door", "visit", "readings"),
    *("strike", "plant", "founders", "doom", "spare", "farewell", "patience", "evidence", "heart"),
}
# The emulator answers to earlier names, for programs that were written against it.
EARLIER = {"weather", "readings"}
BENCHMARKS = PROJECT / "tests" / "bench"
TEXTS = {".py", ".html", ".js", ".css", ".md"}
PAGES = {".js", ".css", ".html"}


def words(name: str) -> set[str]:
    return set(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_"))


def modules() -> Iterator[Path]:
    for folder in ("b24app", "devportal", "tests"):
        files = (PROJECT / folder).rglob("*.py")
        yield from (path for path in files if "node_modules" not in path.parts and BENCHMARKS not in path.parents)


def texts() -> Iterator[Path]:
    folders = ("b24app", "devportal", "docs", "migrations", "static", "templates", "tests")
    found = [*PROJECT.glob("*.md"), *(path for folder in folders for path in (PROJECT / folder).rglob("*"))]
    ours = (path for path in found if path.suffix in TEXTS and "node_modules" not in path.parts)
    yield from (path for path in ours if path != Path(__file__).resolve())


def test_nobody_is_taken_for_a_man() -> None:
    found = []
    for path in texts():
        text = path.read_text()
        matches = re.finditer(r"\b(he|his|him|himself)\b", text, re.IGNORECASE)
        found += [f"{path.relative_to(PROJECT)}: {text[max(0, at.start() - 30) : at.end() + 30]}" for at in matches]
    assert found == []


def test_no_module_has_a_retired_name() -> None:
    parts = [(path, part) for path in modules() for part in path.relative_to(PROJECT).with_suffix("").parts]
    assert {str(path) for path, part in parts if words(part) & RETIRED} == set()


def test_no_class_and_no_function_has_a_retired_name() -> None:
    found = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            name = node.name if isinstance(node, ast.ClassDef | ast.FunctionDef) else ""
            if words(name) & RETIRED and not name.startswith("test_") and name not in EARLIER:
                found.add(f"{path.relative_to(PROJECT)}: {name}")
    assert found == set()


def test_no_table_has_a_retired_name() -> None:
    names = re.findall(r'__tablename__ = "([a-z_]+)"', (PROJECT / "b24app/models.py").read_text())
    assert names
    assert [name for name in names if words(name) & RETIRED] == []


def test_no_script_style_or_page_has_a_retired_name() -> None:
    """Functions and constants of scripts, classes of styles, classes and data attributes of pages."""
    named = re.compile(
        r'(?:function\*?|const|let|class) (\w+)|^ *\.([\w-]+)|\b(data-[\w-]+)|(?:class|data-slot)="([\w -]+)"', re.M
    )
    folders = ("static", "templates", "devportal/pages/static", "devportal/pages/templates")
    files = [path for folder in folders for path in (PROJECT / folder).rglob("*.*") if path.suffix in PAGES]
    names = {
        name for path in files for name in re.split(r"\W+", " ".join(map("".join, named.findall(path.read_text()))))
    }
    assert {name for name in names if words(name) & RETIRED} == set()
