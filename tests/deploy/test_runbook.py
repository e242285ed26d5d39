"""The runbook in docs/operations.md: each symptom is produced by a test, and each possible bad input has a row."""

import ast
import re

import pytest

from b24app.config import PROJECT

GUIDE = (PROJECT / "docs" / "operations.md").read_text()
ROWS = [
    [cell.strip() for cell in row.strip("|").split("|")]
    for row in GUIDE.partition("## Runbook")[2].splitlines()
    if row.startswith("| ") and not row.startswith("| what you see")
]
# How a symptom begins, and the test in which it is seen.
SHOWN = {
    "a service ends at once with code 4": (
        "house/test_config.py::test_a_start_without_settings_ends_at_once_with_that_message"
    ),
    "nginx answers 502": "deploy/test_site.py::_answers_alone_where_logbook_cannot",
    "nginx answers 413": "deploy/test_site.py::_answers_alone_where_logbook_cannot",
    "an empty frame": "reports/test_moderation.py::test_what_would_keep_a_portal_from_showing_a_page_is_named",
    "a browser warning": "reports/test_health.py::test_an_expired_certificate_is_reported",
    "`cannot be reached from here`": "reports/test_health.py::test_nobody_there_is_said",
    "`/healthz` is 503": "reports/test_readiness.py::test_a_database_that_is_away_is_not_ready",
    "`The database takes no rows`": "reports/test_readiness.py::test_a_file_that_may_only_be_read_is_not_ready",
    "`MB left`": "reports/test_health.py::test_a_nearly_full_disk_is_reported",
    "`The tables are those of revision`": (
        "reports/test_health.py::test_tables_of_another_version_are_reported_with_advice"
    ),
    "`No worker is running`": "reports/test_health.py::test_a_missing_worker_is_reported_if_an_entry_waits",
    "`has been silent": "reports/test_health.py::test_a_hanging_worker_is_reported_beside_a_working_one",
    "`entries are waiting": "reports/test_health.py::test_an_entry_that_waits_for_long_is_reported",
    "`There are workers of version`": "reports/test_health.py::test_a_worker_of_another_version_is_reported",
    "`is left alone until`": "reports/test_health.py::test_a_parked_portal_is_reported",
    "`is suspended since`": "reports/test_health.py::test_a_suspended_portal_is_reported",
    "`refuses B24_CLIENT_ID": (
        "reports/test_health.py::test_wrong_credentials_are_reported_with_the_name_of_their_setting"
    ),
    "`The authorization server`": "reports/test_health.py::test_a_silent_authorization_server_is_reported",
    "`The clock differs": "reports/test_health.py::test_a_wrong_clock_is_reported",
    "`a stored secret cannot be read`": (
        "access/test_key_rotation.py::test_a_missing_key_is_reported_by_rotation_and_doctor"
    ),
    "everybody is asked to open": "access/test_sessions.py::test_a_token_sealed_by_another_key_is_not_ours",
    "`people must open Logbook again": (
        "reports/test_backups.py::test_tokens_that_were_renewed_since_the_backup_are_dead_until_their_owner_comes_back"
    ),
    "403 for many people": (
        "access/test_unproved_requests.py::test_a_header_names_the_client_only_if_a_proxy_is_trusted"
    ),
    "old styles and scripts": "composer/test_home.py::test_browsers_cache_only_files_with_a_fingerprint",
    "`Watchdog timeout`": "delivery/test_heartbeats.py::test_a_worker_says_when_it_is_ready_alive_and_stopping",
}
# Whatever else is added: these have to be there.
BAD_INPUTS = {
    "a wrong database revision": "The tables are those of revision",
    "a missing key": "a stored secret cannot be read",
    "a full disk": "full disk",
    "a file that may only be read": "a file or folder that the service may not write",
    "a certificate that expired": "the certificate has expired",
    "two versions side by side": "There are workers of version",
    "a worker that hangs": "has been silent",
    "a clock that is off": "The clock differs",
    "last week's database": "after a restore",
}


def functions(path: str) -> set[str]:
    tree = ast.parse((PROJECT / "tests" / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_each_symptom_is_produced_by_a_test() -> None:
    symptoms = [row[0] for row in ROWS]
    assert len(symptoms) > 20
    assert [one for one in symptoms if sum(one.startswith(begun) for begun in SHOWN) != 1] == []
    assert [begun for begun in SHOWN if not any(one.startswith(begun) for one in symptoms)] == []


@pytest.mark.parametrize("test", sorted(set(SHOWN.values())))
def test_that_test_is_there(test: str) -> None:
    path, _, name = test.partition("::")
    assert name in functions(path)


@pytest.mark.parametrize("what", BAD_INPUTS)
def test_each_bad_input_has_its_line(what: str) -> None:
    assert [row for row in ROWS if re.search(re.escape(BAD_INPUTS[what]), " ".join(row))]


def test_each_line_says_why_and_what_to_do() -> None:
    assert [row for row in ROWS if len(row) != 3 or not all(row)] == []
