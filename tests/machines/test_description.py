"""The OpenAPI document says what the interface does: held against the code, and against whatever fits its schemas."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devportal import Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook
from tests.support.machines import Machine, machine, told

pytestmark = any_database
MANY = 1_000_000


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


def values_of(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Whatever fits a schema of the document."""
    if "$ref" in schema:
        return values_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "oneOf" in schema:
        return st.one_of([values_of(one, schemas) for one in schema["oneOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = {"integer": _integers, "string": _texts, "array": _lists, "object": _objects}
    return kinds[schema["type"]](schema, schemas)


def _integers(schema: dict[str, Any], _schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.integers(schema["minimum"], schema["maximum"])


def _texts(schema: dict[str, Any], _schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    if schema.get("format") == "date-time":
        return st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat())
    return st.text(max_size=min(schema.get("maxLength", 50), 300)) | st.sampled_from(["call", "https://a.example/"])


def _lists(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.lists(values_of(schema["items"], schemas), max_size=3)


def _objects(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    if not isinstance(schema.get("properties"), dict):
        return st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=3)
    fields = {name: values_of(one, schemas) for name, one in schema["properties"].items()}
    required = {name: fields.pop(name) for name in schema.get("required", [])}
    return st.fixed_dictionaries(required, optional=fields)


def check(answer: Any, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Status, type and required names of an answer are those of the document."""
    response = operation["responses"][str(answer.status_code)]
    ((media_type, content),) = response["content"].items()
    assert answer.mimetype == media_type
    schema = schemas[content["schema"]["$ref"].rpartition("/")[2]]
    found = told(answer)
    assert set(schema["required"]) <= found.keys() <= schema["properties"].keys()


def test_whatever_fits_the_document_is_answered_as_it_says(installed: Logbook, portal: Portal) -> None:
    client, whole = machine(installed, portal, per_minute=MANY), document(installed)
    schemas, operation = whole["components"]["schemas"], whole["paths"]["/entries"]["post"]
    statuses: set[int] = set()
    relaxed = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)

    @relaxed
    @given(values_of(schemas["NewEntry"], schemas), st.text(alphabet="abc ", max_size=3))
    def holds(body: Any, key: str) -> None:
        statuses.add(send(client, body, key).status_code)
        check(send(client, body, key), operation, schemas)

    holds()
    client.write()
    assert statuses & {202, 422}
    for path in ("/icons", "/templates"):
        check(client.get(path), whole["paths"][path]["get"], schemas)
    number = client.number()
    check(client.get(f"/entries/{number}"), whole["paths"]["/entries/{id}"]["get"], schemas)
    check(client.send("DELETE", f"/entries/{number}"), whole["paths"]["/entries/{id}"]["delete"], schemas)


def send(client: Machine, body: Any, key: str) -> Any:
    headers = {"Idempotency-Key": key} if key.strip() else {}
    return client.send("POST", "/entries", json=body, headers=headers)
