"""Metrics for Prometheus, served by the worker: the database's state and the counts of all local processes."""

import logging
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from b24app.context import Context
from b24app.models import EntryState
from b24app.services.reports import health, heartbeats
from b24app.version import VERSION

log = logging.getLogger(__name__)


def serve(context: Context) -> bool:
    """Serve METRICS_ADDRESS from a thread of this process; if that fails, log it and continue without."""
    registry = CollectorRegistry()
    registry.register(_State(context))
    if context.config.metrics_folder:
        MultiProcessCollector(registry, path=context.config.metrics_folder)  # type: ignore[no-untyped-call]
    address = context.config.metrics_address
    host, _, port = address.rpartition(":")
    try:
        start_http_server(int(port), addr=host.strip("[]"), registry=registry)
    except OSError as failure:
        log.error("metrics are not served", extra={"address": address, "code": failure.strerror})
        return False
    return True


class _State(Collector):
    """Read from the database at each scrape, so that it covers all machines."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def collect(self) -> Iterator[Metric]:
        yield _gauge("build_info", "The version that runs, always 1.", "version", {VERSION: 1})
        try:
            with self._context.sessions() as session:
                state = list(_state(session))
        except SQLAlchemyError:
            state = []
        yield from state
        up = GaugeMetricFamily("logbook_database_up", "Whether the database answered.", value=1 if state else 0)
        yield up


def _state(session: Session) -> Iterator[Metric]:
    entries = dict.fromkeys(EntryState, 0) | health.entries_by_state(session)
    yield _gauge("entries", "Log entries by state.", "state", entries)
    age = health.oldest_waiting_seconds(session)
    yield GaugeMetricFamily("logbook_oldest_waiting_seconds", "Age of the oldest entry that waits.", value=age)
    yield _gauge("portals", "Portals by state.", "state", health.portals_by_state(session))
    dead = health.count_without_permission(session)
    yield GaugeMetricFamily("logbook_people_without_permission", "People who must open Logbook again.", value=dead)
    silent = [worker.is_silent for worker in heartbeats.workers(session)]
    workers = {"alive": silent.count(False), "silent": silent.count(True)}
    yield _gauge("workers", "Workers by state, on all machines.", "state", workers)
    calls = health.calls_of_last_hour(session)
    yield _last_hour("calls_last_hour", "Calls to portals.", ("method", "outcome"), calls, is_renewal=False)
    yield _last_hour("renewals_last_hour", "Renewals of token pairs.", ("outcome",), calls, is_renewal=True)


def _gauge(name: str, meaning: str, label: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(f"logbook_{name}", meaning, labels=[label])
    for value, count in values.items():
        family.add_metric([str(value)], count)
    return family


def _last_hour(
    name: str, meaning: str, labels: Iterable[str], calls: dict[tuple[str, str], int], *, is_renewal: bool
) -> Metric:
    family = GaugeMetricFamily(f"logbook_{name}", meaning, labels=list(labels))
    for (method, code), count in calls.items():
        if (method == "oauth/renew") == is_renewal:
            family.add_metric([code] if is_renewal else [method, code], count)
    return family
