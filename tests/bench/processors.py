"""What share of a processor each of several programs takes, with the processes that it has started."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass
class Usage:
    """``programs`` tell the numbers of their first processes, by name; one's own counts without its children.

    A program that has been restarted meanwhile counts from then on.
    """

    programs: Mapping[str, Callable[[], int]]
    _began_at: float = 0
    _began: dict[int, float] = field(default_factory=dict)

    def begin(self) -> None:
        self._began_at = time.monotonic()
        self._began = {number: spent(number) for number in (find() for find in self.programs.values())}

    def tell(self, when: str, **seconds: float) -> None:
        """``seconds`` are those of further programs."""
        for name, find in self.programs.items():
            number = find()
            seconds[name] = spent(number) - self._began.get(number, 0)
        passed = time.monotonic() - self._began_at
        shares = ", ".join(f"{name} {spent_seconds / passed:.2f}" for name, spent_seconds in seconds.items())
        sys.stdout.write(f"shares of a processor {when}: {shares}\n")


def spent(number: int) -> float:
    """Seconds of a processor that a program has spent until now, its ended processes included; 0 for none."""
    try:
        # The name of a process, in brackets, may have spaces.
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    except OSError:
        return 0
    own, of_ended = (int(fields[at]) + int(fields[at + 1]) for at in (11, 13))
    if number == os.getpid():
        return own / TICKS_A_SECOND
    return (own + of_ended) / TICKS_A_SECOND + sum(spent(int(child)) for child in children)
