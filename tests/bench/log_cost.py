"""What the log of calls costs: the same openings with and without it, in turn, as a ratio."""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from b24app.bitrix24.gateway import WEB, open_gateway
from b24app.services.access import rest_log
from devportal import Portal
from tests.bench.installation import installed
from tests.support.logbook import Logbook

OPENINGS = 80
HIGHEST_RATIO = 1.25


def main() -> int:
    """Prints the medians and their ratio; 1 when the log costs more than a quarter of an opening."""
    with installed() as (logbook, portal):
        noted = logbook.context
        config = noted.config
        secret = (config.authorities, config.client_id, config.client_secret)
        silent_gateway = open_gateway(*secret, WEB, lambda exchange: None, is_insecure_allowed=True)
        silent = replace(noted, b24=silent_gateway)
        seconds: dict[str, list[float]] = {"with": [], "without": []}
        for _ in range(OPENINGS):
            for name, context in (("with", noted), ("without", silent)):
                logbook.app.extensions["logbook"] = context
                seconds[name].append(timed(lambda: open_tab(logbook, portal)))
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    ratio = medians["with"] / medians["without"]
    sys.stdout.write(
        f"an opening takes {medians['with'] * 1000:.1f} ms with the log, {medians['without'] * 1000:.1f} ms without: "
        f"ratio {ratio:.2f}, kept {rest_log.KEPT_DAYS} days\n"
    )
    return 0 if ratio < HIGHEST_RATIO else 1


def open_tab(logbook: Logbook, portal: Portal) -> None:
    assert logbook.send(portal.frame(portal.employee)).status == 200


def timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
