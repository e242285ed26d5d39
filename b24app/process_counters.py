"""The counters of this process; all series start with zero, so that rates are right at once."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram

from b24app.codes import CallOutcome, Opening, OutcomeKind

RENEWAL = "oauth/renew"
POSTS = (*list(OutcomeKind)[:5], OutcomeKind.FAILED)
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Counters:
    """The counters. Labels are resolved once, since that takes longer than counting."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        openings = Counter("logbook_openings", "Openings of the tab.", ["outcome"], registry=registry)
        posts = Counter("logbook_posts", "Forms posted by people.", ["outcome"], registry=registry)
        calls = Counter("logbook_calls", "Calls to portals.", ["outcome"], registry=registry)
        renewals = Counter("logbook_renewals", "Renewals of token pairs.", ["outcome"], registry=registry)
        self.openings = _children(openings, Opening)
        self.posts = _children(posts, POSTS)
        self._calls = _children(calls, CallOutcome)
        self._renewals = _children(renewals, CallOutcome)
        self._seconds = Histogram(
            "logbook_call_seconds", "How long calls to portals take.", buckets=BUCKETS, registry=registry
        )

    def count_call(self, method: str, outcome: CallOutcome, seconds: float) -> None:
        if method == RENEWAL:
            self._renewals[outcome].inc()
        elif not method.startswith("oauth/"):
            self._calls[outcome].inc()
            self._seconds.observe(seconds)


def _children(counter: Counter, outcomes: Iterable[str]) -> dict[str, Counter]:
    return {outcome: counter.labels(str(outcome)) for outcome in outcomes}
