"""Imports only go down: every import is checked against the floors."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent

# What each floor may import from the house; the wire and the tables do not know each other.
GROUND = {
    f"b24app.{name}"
    for name in (
        "codes",
        "errors",
        "i18n",
        "masking",
        "outages",
        "prepared",
        "revisions",
        "storable_text",
        "current_request",
        "version",
        "write_behind",
    )
}
MODELS = {"b24app.models", "b24app.machine_models"}
TABLES = {"b24app.crypto", "b24app.db"} | MODELS
FLOORS = {
    "b24app/codes.py": set(),
    "b24app/errors.py": {"b24app.codes"},
    "b24app/outages.py": set(),
    "b24app/config.py": set(),
    "b24app/i18n.py": set(),
    "b24app/masking.py": set(),
    "b24app/revisions.py": set(),
    "b24app/storable_text.py": set(),
    "b24app/current_request.py": set(),
    "b24app/version.py": set(),
    "b24app/write_behind.py": {"b24app.outages"},
    "b24app/prepared.py": {"b24app.storable_text"},
    "b24app/crypto.py": set(),
    "b24app/db.py": {"b24app.crypto", "b24app.storable_text"},
    "b24app/columns.py": set(),
    "b24app/models.py": {"b24app.columns", "b24app.crypto"},
    "b24app/machine_models.py": {"b24app.columns", "b24app.crypto", "b24app.models"},
    "b24app/bitrix24/": {
        "b24app.bitrix24",
        "b24app.codes",
        "b24app.errors",
        "b24app.masking",
        "b24app.storable_text",
        "b24app.version",
    },
    "b24app/services/": {"b24app.services", "b24app.bitrix24"} | GROUND | TABLES,
    "b24app/context.py": {"b24app.bitrix24", "b24app.config", "b24app.tasks"},
    "b24app/web/": {
        "b24app.web",
        "b24app.services",
        "b24app.bitrix24",
        "b24app.context",
        "b24app.models",
        "b24app.machine_models",
    }
    | GROUND,
}
# The floors of the emulator: what each part may import of the others. Whoever starts it stands above them.
EMULATOR: dict[str, set[str]] = {
    "errors": set(),
    "clock": set(),
    "http": set(),
    "model": set(),
    "statefile": set(),
    "request_log": set(),
    "context": {"http", "model", "request_log"},
    "authority": {"clock", "errors", "model"},
    "crm": {"clock", "errors", "model"},
}
EMULATOR["faults"] = {"clock", "context", "errors", "http", "request_log"}
EMULATOR["apps"] = EMULATOR["faults"] | {"authority", "crm", "faults", "model"}
EMULATOR["portal"] = EMULATOR["apps"] | {"apps"}
EMULATOR["controls"] = EMULATOR["rest"] = EMULATOR["portal"] | {"portal"}
EMULATOR["pages"] = EMULATOR["oauth"] = EMULATOR["rest"] | {"controls", "rest"}
EMULATOR["routing"] = EMULATOR["pages"] | {"pages"}
EMULATOR["persistence"] = {"authority", "model", "statefile"}
EMULATOR["box"] = EMULATOR["routing"] | {"oauth", "persistence", "routing"}
STARTS_THE_EMULATOR = {"__init__", "__main__", "demo", "readme_tables"}
# The wings of the services: what each may import of the others.
WINGS = {
    "paging": set(),
    "text_rules": set(),
    "access": set(),
    "delivery": {"access", "text_rules"},
    "settings": {"access", "delivery", "paging", "text_rules"},
    "machines": {"access", "delivery", "settings", "paging", "text_rules"},
    "setup": {"access", "settings", "delivery"},
    "reports": {"access", "delivery", "settings", "setup", "paging"},
    "chores": {"access", "delivery", "settings", "setup", "machines"},
}
# In every language of ours.
PLACES = ("b24app", "devportal", "migrations", "static", "templates", "tests")
CODE = {".css", ".html", ".js", ".lua", ".mjs", ".py", ".ts"}
STRANGERS = {
    "b24app/bitrix24/": {"flask", "sqlalchemy", "werkzeug"},
    "b24app/services/": {"flask", "werkzeug", "requests", "authlib"},
    "b24app/models.py": {"flask", "requests"},
    "b24app/web/": {"requests", "authlib"},
    "b24app/": {"devportal"},
    "devportal/": {"b24app"},
}


def modules(place: str) -> list[Path]:
    path = PROJECT / place
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def imports(path: Path) -> Iterator[str]:
    """The full name of everything that a file imports: relative imports and those for types alone included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{source(node, path)}.{name.name}" for name in node.names)


def source(node: ast.ImportFrom, path: Path) -> str:
    """The full name of the module behind `from`; each dot in front of it is one folder up."""
    if not node.level:
        return node.module or ""
    folder = path.parents[node.level - 1].relative_to(PROJECT)
    return ".".join([*folder.parts, *([node.module] if node.module else [])])


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


def is_within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


@pytest.mark.parametrize(("place", "allowed"), FLOORS.items(), ids=FLOORS)
def test_imports_within_the_house_only_go_down(place: str, allowed: set[str]) -> None:
    ours = [(path.name, name) for path in modules(place) for name in imports(path) if is_within(name, {"b24app"})]
    assert [found for found in ours if not is_within(found[1], allowed)] == []


@pytest.mark.parametrize("wing", WINGS)
def test_a_wing_imports_only_the_wings_below_it(wing: str) -> None:
    allowed = {f"b24app.services.{name}" for name in {wing, *WINGS[wing]}}
    place = f"b24app/services/{wing}"
    files = modules(place + "/") if (PROJECT / place).is_dir() else modules(place + ".py")
    ours = [(path.name, name) for path in files for name in imports(path) if is_within(name, {"b24app.services"})]
    assert [found for found in ours if not is_within(found[1], allowed)] == []


def test_every_service_is_in_a_wing() -> None:
    places = {path.stem for path in (PROJECT / "b24app/services").iterdir() if not path.name.startswith("__")}
    assert places == WINGS.keys()


def test_the_wings_are_in_the_documentation_in_their_order() -> None:
    wings = [name for name in WINGS if (PROJECT / "b24app/services" / name).is_dir()]
    text = (PROJECT / "docs/architecture.md").read_text()
    assert " · ".join(wings) in text
    assert f"{', '.join(wings)}." in text


@pytest.mark.parametrize("part", EMULATOR)
def test_a_part_of_the_emulator_imports_only_the_parts_below_it(part: str) -> None:
    allowed = {f"devportal.{name}" for name in {part, *EMULATOR[part]}}
    place = f"devportal/{part}"
    files = modules(place + "/") if (PROJECT / place).is_dir() else modules(place + ".py")
    ours = [(path.name, name) for path in files for name in imports(path) if is_within(name, {"devportal"})]
    assert [found for found in ours if not is_within(found[1], allowed)] == []


def test_every_part_of_the_emulator_has_a_floor() -> None:
    places = {path.relative_to(PROJECT / "devportal").parts[0].removesuffix(".py") for path in modules("devportal/")}
    assert places == EMULATOR.keys() | STARTS_THE_EMULATOR


@pytest.mark.parametrize("package", ["b24app", "devportal"])
def test_no_modules_import_each_other_in_a_circle(package: str) -> None:
    files = {name_of(path): path for path in modules(package)}
    graph = {name: {module_of(one, files) for one in imports(path)} & files.keys() for name, path in files.items()}
    while free := [name for name, targets in graph.items() if not targets & graph.keys()]:
        for name in free:
            del graph[name]
    assert sorted(graph) == [], "each of these imports another of them"


def module_of(name: str, files: Mapping[str, Path]) -> str:
    """The module that an imported name lives in, or is."""
    return name if name in files else name.rpartition(".")[0]


@pytest.mark.parametrize(("place", "forbidden"), STRANGERS.items(), ids=STRANGERS)
def test_a_floor_does_not_know_the_libraries_of_another(place: str, forbidden: set[str]) -> None:
    found = [(path.name, name) for path in modules(place) for name in imports(path) if is_within(name, forbidden)]
    assert found == []


def test_every_python_file_of_the_application_has_a_floor() -> None:
    above = {"b24app/__init__.py", "b24app/cli.py", "b24app/doctor.py", "b24app/logs.py"}
    above |= {"b24app/backups.py", "b24app/database_copy.py", "b24app/migrating.py", "b24app/app_url.py"}
    above |= {"b24app/process_counters.py", "b24app/process_metrics.py", "b24app/error_reports.py", "b24app/metrics.py"}
    above |= {
        "b24app/dispatcher.py",
        "b24app/heartbeat.py",
        "b24app/market_listing.py",
        "b24app/moderation.py",
        "b24app/routes.py",
        "b24app/spans.py",
        "b24app/systemd.py",
        "b24app/tasks.py",
        "b24app/telemetry.py",
        "b24app/worker.py",
    }
    placed = {path for place in FLOORS for path in modules(place)}
    files = set(modules("b24app/")) - placed
    assert {str(path.relative_to(PROJECT)) for path in files} == above


def test_no_module_is_longer_than_300_lines() -> None:
    files = [PROJECT / "app.py", *(path for place in PLACES for path in (PROJECT / place).rglob("*"))]
    ours = [path for path in files if path.suffix in CODE and "node_modules" not in path.parts]
    assert len({path.suffix for path in ours}) == len(CODE)
    long = {str(path.relative_to(PROJECT)): len(path.read_text().splitlines()) for path in ours}
    assert {name: lines for name, lines in long.items() if lines > 300} == {}


def test_every_module_says_in_its_first_line_what_it_is() -> None:
    files = [path for path in [*modules("b24app/"), *modules("devportal/")] if path.read_text().strip()]
    assert [path.name for path in files if not ast.get_docstring(ast.parse(path.read_text()))] == []
