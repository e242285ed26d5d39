"""The OpenAPI document matches the API: checked against the code, and with generated requests."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from b24app.models import Source
from b24app.services.machines.keys import MOST_PER_MINUTE
from devportal import Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook
from tests.support.machines import machine, save_template, told

pytestmark = any_database
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
RULES = Path(__file__).with_name("schemathesis.toml")


def document(logbook: Logbook) -> dict[str, Any]:
    return told(logbook.app.test_client().get("/api/v1/openapi.json"))


def served_addresses(logbook: Logbook) -> set[tuple[str, str]]:
    """Each with its verb, as a description would write them."""
    rules = [rule for rule in logbook.app.url_map.iter_rules() if rule.endpoint.startswith("api.")]
    methods = {(rule.rule, verb) for rule in rules for verb in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    return {(rule.removeprefix("/api/v1").replace("<number>", "{id}"), verb.lower()) for rule, verb in methods}


def test_every_address_of_the_interface_is_described(installed: Logbook) -> None:
    served = served_addresses(installed)
    paths = document(installed)["paths"]
    described = {(path, verb) for path, operations in paths.items() for verb in operations if verb != "parameters"}
    assert served - described == {("/", "get"), ("/openapi.json", "get")}
    assert described - served == set()


def test_every_reference_leads_somewhere(installed: Logbook) -> None:
    whole = document(installed)
    references = {part.split('"')[0] for part in json.dumps(whole).split('"$ref": "#/')[1:]}
    assert references
    for reference in references:
        found = whole
        for name in reference.split("/"):
            found = found[name]


def test_it_is_shown_as_a_page_without_files_of_others(installed: Logbook) -> None:
    page = installed.get("/api/v1/")
    assert page.status == 200
    assert {"writeEntry", "readEntry", "deleteEntry", "listIcons", "listTemplates"} <= {
        str(heading.get("id")) for heading in page.soup.select("h2")
    }
    sources = [str(one.get("src") or one.get("href")) for one in page.soup.select("script[src], link[href], img[src]")]
    assert all(source.startswith("/static/") for source in sources)


def test_the_running_interface_does_what_its_document_says(
    installed: Logbook, portal: Portal, served: str, tmp_path: Path
) -> None:
    """By schemathesis, which makes requests of the document: what fits it, its boundaries, and what does not fit."""
    save_template(installed, portal, name="Called", title="Called back", text="They agreed.", icon="call", kinds=())
    key = machine(installed, portal, per_minute=MOST_PER_MINUTE).key
    command = ["--config-file", str(RULES), "run", f"{served}/api/v1/openapi.json", "--url", f"{served}/api/v1"]
    command += ["--header", f"Authorization: Bearer {key}", "--no-color"]
    ran = subprocess.run([SCHEMATHESIS, *command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "WARNINGS" not in ran.stdout
    written = installed.entries()
    assert {row.source for row in written} == {Source.API}
