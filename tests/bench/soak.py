"""A soak of bounded length: people post among faults, the worker clears up, and everything is counted."""

import random
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager

from b24app.models import EntryState
from devportal import Portal
from tests.bench.installation import installed, postgresql, sqlite
from tests.support.logbook import Logbook

ENTRIES = 300
CARDS = 30
ROUNDS = 12
ADD = "crm.timeline.logmessage.add"


def main() -> int:
    """Prints written, delivered, duplicated, lost and the requests used; 1 when one is lost or doubled."""
    return max(soak(database) for database in (sqlite, postgresql))


def soak(database: Callable[[], AbstractContextManager[str]]) -> int:
    """On one kind of database."""
    with installed(database) as (logbook, portal):
        cards = [portal.add_item(2, title=f"Card {number}") for number in range(CARDS)]
        portal.calls.clear()
        written = _write(logbook, portal, cards)
        waiting = sum(entry.state != EntryState.SENT for entry in logbook.entries())
        portal.faults.clear()
        interactive = len(portal.calls)
        for _ in range(ROUNDS):
            logbook.pass_time(3600)
            logbook.work()
        found = Counter(message.title for card in cards for message in portal.timeline(2, card))
        lost = set(written) - found.keys()
        doubled = found - Counter(found.keys())
        sys.stdout.write(
            f"{database.__name__}: written {len(written)}, of those left waiting {waiting}, delivered {len(found)}, "
            f"duplicated {len(doubled)}, lost {len(lost)}\n"
            f"requests: {interactive} while people posted, {len(portal.calls) - interactive} by the worker\n"
        )
    return 1 if lost or doubled else 0


def _write(logbook: Logbook, portal: Portal, cards: list[int]) -> list[str]:
    """Post on one card after the other, among faults; returns the titles."""
    chances = random.Random(7)  # noqa: S311 - the same bad luck at every run
    titles = [f"Entry {number}" for number in range(ENTRIES)]
    for number, title in enumerate(titles):
        form = logbook.send(portal.frame(portal.employee, options={"ID": str(cards[number % CARDS])})).form
        _disturb(portal, chances.random())
        outcome = logbook.post(form, icon="comment", title=title, text="x").outcome
        assert outcome in {"posted", "queued"}, outcome
    return titles


def _disturb(portal: Portal, chance: float) -> None:
    """One post in three meets a fault."""
    if chance < 0.1:
        portal.faults.reset(ADD, processed=chance < 0.05)
    elif chance < 0.3:
        portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
    elif chance < 0.35:
        portal.expire_access_tokens()


if __name__ == "__main__":
    sys.exit(main())
