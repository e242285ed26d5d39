"""Metrics for Prometheus: counted by all processes of a machine, and the alerts and the dashboard made of them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from b24app.config import PROJECT, Config
from devportal import Box, Portal
from tests.conftest import CLIENT_ID, CLIENT_SECRET, any_database, environment
from tests.delivery.test_worker import PATIENCE_SECONDS, running
from tests.support.logbook import Logbook
from tests.support.native import native_frame
from tests.support.served import Served
from tests.support.waiting import until

MONITORING = PROJECT / "deploy" / "monitoring"
WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}
ADD = "crm.timeline.logmessage.add"
SERIES = re.compile(r"\blogbook_[a-z_]+")


def scrape(port: int) -> str:
    try:
        return requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    except requests.RequestException:
        return ""


def value(text: str, series: str) -> float | None:
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


@contextmanager
def both(tmp_path: Path, database_url: str, port: int) -> Iterator[tuple[Served, Box]]:
    """Two web processes and a worker that share a folder, in an empty database."""
    metrics = {"METRICS_ADDRESS": f"127.0.0.1:{port}", "METRICS_FOLDER": str(tmp_path / "shared" / "metrics")}
    with Served(tmp_path / "log") as served, Box(served.url, CLIENT_ID, CLIENT_SECRET) as box:
        served.start({**environment(box, database_url), **metrics}, workers=2)
        served.start_worker()
        until(lambda: value(scrape(port), 'logbook_workers{state="alive"}') == 1)
        yield served, box


@any_database
def test_what_all_processes_count_is_summed_and_every_series_is_there_from_the_start(
    database_url: str, tmp_path: Path, free_port: int
) -> None:
    with both(tmp_path, database_url, free_port) as (served, box):
        first = scrape(free_port)
        assert missing_series(first) == set()
        outcomes = ["shown", "refused", "unavailable", "failed"]
        assert [value(first, f'logbook_openings_total{{outcome="{one}"}}') for one in outcomes] == [0, 0, 0, 0]
        for series in ('logbook_calls_total{outcome="lost"}', 'logbook_entries{state="unsure"}', "logbook_database_up"):
            assert value(first, series) == (series == "logbook_database_up")
        assert promtool("check", "metrics", stdin=first) == ""
        portal = box.portals[0]
        served.send(portal.install_frame(portal.administrator))
        portal.finish_install()
        forms = [served.send(portal.frame(portal.employee)).form for _ in range(10)]
        served.send(native_frame(portal))
        served.post(forms[0], **WORDS)
        served.post(forms[1], **{**WORDS, "title": ""})
        portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
        served.post(forms[2], **WORDS)
        until(lambda: value(scrape(free_port), 'logbook_entries{state="sent"}') == 2)
        last = scrape(free_port)
    assert value(last, 'logbook_openings_total{outcome="shown"}') == 11
    for outcome in ("posted", "invalid", "queued"):
        assert value(last, f'logbook_posts_total{{outcome="{outcome}"}}') == 1
    assert value(last, 'logbook_calls_total{outcome="refused"}') == 1
    calls = value(last, 'logbook_calls_total{outcome="ok"}') or 0
    assert calls >= 13, "those of the worker included"
    assert value(last, "logbook_call_seconds_count") == calls + 1


@any_database
def test_a_command_counts_nothing_and_leaves_no_files(settings: Config, box: Box, tmp_path: Path) -> None:
    """The doctor tries the credentials with a made-up token: no alert may take that for a renewal."""
    environ = {**os.environ, **environment(box, settings.database_url), "METRICS_FOLDER": str(tmp_path)}
    command = [sys.executable, "-m", "flask", "--app", "app", "doctor"]
    run = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)
    assert "knows the application" in run.stdout
    assert list(tmp_path.iterdir()) == []


def missing_series(text: str) -> set[str]:
    """What the alerts and the dashboard ask for, and nobody answers."""
    asked = (MONITORING / "alerts.yml").read_text() + " ".join(expressions())
    there = {name for line in text.splitlines() if not line.startswith("#") for name in SERIES.findall(line)}
    return {name for name in SERIES.findall(asked) if name not in there}


def expressions() -> list[str]:
    panels = json.loads((MONITORING / "dashboard.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def promtool(*arguments: str, stdin: str = "") -> str:
    """What it has to say; empty if all is well."""
    how = {"input": stdin, "cwd": MONITORING, "capture_output": True, "text": True, "check": False}
    done = subprocess.run(["promtool", *arguments], **how)  # type: ignore[call-overload]
    return "" if done.returncode == 0 else f"{done.stdout}{done.stderr}" or "failed"


def test_the_alerts_fire_when_they_should_and_only_then() -> None:
    assert promtool("check", "config", "prometheus.yml") == ""
    assert promtool("test", "rules", "alerts_test.yml") == ""


def test_every_expression_of_the_dashboard_can_be_read(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{number}", "expr": expr} for number, expr in enumerate(expressions())]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    assert len(rules) > 10
    assert promtool("check", "rules", str(tmp_path / "rules.yml")) == ""


@any_database
def test_a_machine_without_a_worker_answers_by_a_command_of_its_own(
    logbook: Logbook, settings: Config, box: Box, portal: Portal, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METRICS_ADDRESS", f"127.0.0.1:{free_port}")
    with running(settings, box, "flask", "--app", "app", "metrics") as process:
        until(lambda: value(scrape(free_port), 'logbook_workers{state="alive"}') == 0)
        with running(settings, box, "flask", "--app", "app", "metrics") as second:
            assert second.wait(PATIENCE_SECONDS) == 1, "the address is taken"
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


def test_a_database_that_is_away_is_a_number_too(box: Box, free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_ADDRESS", f"127.0.0.1:{free_port}")
    away = Config.from_environment(environment(box, "postgresql://x@127.0.0.1:9/x"))
    with running(away, box, "flask", "--app", "app", "metrics"):
        until(lambda: value(scrape(free_port), "logbook_database_up") == 0)
