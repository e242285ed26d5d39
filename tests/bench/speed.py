"""What openings, posts, drafts, files and the worker cost, compared with a simple application.

One table: what was measured, the mark, and how many times the mark was reached. CPU times are of the server alone, the
kernel's share included, so that a busy machine disturbs them less than it disturbs rates; ratios are of one run.
"""

import itertools
import re
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from tests.bench import installation, servers
from tests.bench.servers import CONNECTIONS, Load, Stand, card
from tests.support.served import Served

ROUNDS = 3
SECONDS = 4
# So much the same measurement differs from run to run; a mark is missed only by more.
NOISE = 0.15
FILES = 200
OPENINGS = 1000
BROWSER = "gzip, deflate, br, zstd"
WORDS = {"title": "Title NUMBER", "text": "What was agreed on the telephone."}


@dataclass(frozen=True)
class Row:
    """A measurement and its mark, which is the most or, of ratios, the least."""

    what: str
    measured: float
    mark: float
    unit: str
    is_least: bool = False

    @property
    def reached(self) -> float:
        """How many times the mark: 1 or more is good."""
        return self.measured / self.mark if self.is_least else self.mark / self.measured

    @property
    def is_missed(self) -> bool:
        return self.reached < 1 - NOISE

    def __str__(self) -> str:
        sign, verdict = ("≥" if self.is_least else "≤"), "MISSED" if self.is_missed else ""
        return (
            f"{self.what:<60}{self.measured:>9.2f} {self.unit:<4}{sign}{self.mark:>7g}{self.reached:>8.2f}×  {verdict}"
        )


def main() -> int:
    """Prints the table; 1 when a mark is missed by more than the noise."""
    with servers.standing() as ground:
        rows = [shown(row) for row in itertools.chain(measure(ground), measure_on_postgresql(ground))]
    sys.stdout.write(f"noise: {NOISE:.0%}\n")
    return int(any(row.is_missed for row in rows))


def shown(row: Row) -> Row:
    sys.stdout.write(f"{row}\n")
    sys.stdout.flush()
    return row


def measure(ground: Stand) -> Iterator[Row]:
    with servers.logbook(ground) as served:
        yield from openings(ground, served)
        yield from forms(served, [form_on(ground, served, number) for number in range(1, CONNECTIONS + 1)])
        yield weight(ground, served)
        opened = 0
        while opened < OPENINGS:
            opened += servers.load(served, path_of(ground), SECONDS, [frame_of(ground)]).requests
        yield Row("memory of a web process", servers.memory_megabytes(served), 120, "MB")
        began = served.environment
    seconds = min(servers.flask(began, "worker", "--once") for _ in range(ROUNDS))
    yield Row("CPU of worker --once with nothing due", seconds, 0.6, "s")


def measure_on_postgresql(ground: Stand) -> Iterator[Row]:
    """The same openings on a local server, whose own work is not counted."""
    with installation.postgresql() as database_url, servers.logbook(ground, database_url) as served:
        plain, batched, *_cpu = openings(ground, served)
    yield replace(plain, what=f"{plain.what}, PostgreSQL", mark=2)
    yield replace(batched, what=f"{batched.what}, PostgreSQL", mark=1.3)


def openings(ground: Stand, served: Served) -> list[Row]:
    """In turns with the other application, plain and batched."""
    with servers.peer(ground, is_batched=False) as plain, servers.peer(ground, is_batched=True) as batched:
        compared = {"logbook": served, "plain": plain, "batched": batched}
        loads: dict[str, list[Load]] = {name: [] for name in compared}
        for _ in range(ROUNDS):
            for name, server in compared.items():
                loads[name].append(servers.load(server, path_of(ground), SECONDS, [frame_of(ground)]))
    rates = {name: statistics.median(load.a_second for load in of_server) for name, of_server in loads.items()}
    cpu = {name: statistics.median(load.cpu_milliseconds for load in of_server) for name, of_server in loads.items()}
    return [
        Row("openings/s beside the plain application", rates["logbook"] / rates["plain"], 3, "×", is_least=True),
        Row("openings/s beside the batched application", rates["logbook"] / rates["batched"], 2, "×", is_least=True),
        Row("CPU of an opening, the batched one's", cpu["batched"] / cpu["logbook"], 2, "×", is_least=True),
        Row("CPU of an opening", cpu["logbook"], 3.5, "ms"),
    ]


def forms(served: Served, opened: list[dict[str, str]]) -> list[Row]:
    """What people do in open tabs, each on another card, and the files that a tab needs."""
    posts = [urlencode({**form, "form_key": "key-NUMBER", "shown": "SHOWN"}) for form in opened]
    posted = servers.load(served, "/entries", SECONDS, posts, "X-Answer: parts")
    kept = servers.load(served, "/drafts", SECONDS, [urlencode(form) for form in opened])
    file = servers.load(served, "/static/composer.js", SECONDS)
    return [
        Row("CPU of a post by script", posted.cpu_milliseconds, 3, "ms"),
        Row("CPU of a kept draft", kept.cpu_milliseconds, 1, "ms"),
        Row("CPU of a file", file.cpu_milliseconds, 0.2, "ms"),
    ]


def weight(ground: Stand, served: Served) -> Row:
    """Everything that a browser fetches for the tab, as it goes over the wire."""
    page = served.fetch(path_of(ground), BROWSER, frame_of(ground))
    addresses = {address.partition("#")[0] for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)}
    sizes = [served.fetch(address, BROWSER).size for address in addresses]
    return Row("the tab over the wire, all files", (page.size + sum(sizes)) / 1024, 18, "KB")


def form_on(ground: Stand, served: Served, number: int) -> dict[str, str]:
    return {**servers.form_of(ground, served, number), **WORDS}


def path_of(ground: Stand) -> str:
    return f"/placement?{ground.frame()[0]}"


def frame_of(ground: Stand) -> str:
    return ground.frame(**card())[1]


if __name__ == "__main__":
    sys.exit(main())
