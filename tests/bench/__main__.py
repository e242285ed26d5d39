"""Measures what we claim about speed, ``make bench``: ratios within one run, since machines differ."""

import sys

from tests.bench import api_posts, deliveries, log_cost, portal, scale, soak, speed


def main() -> int:
    """Every benchmark in turn; another exit code than 0 when one misses its mark."""
    codes: list[int] = []
    for name, bench in (
        ("speed", speed),
        ("the worker", deliveries),
        ("a large installation", scale),
        ("programs", api_posts),
        ("the portal in a box", portal),
        ("a soak", soak),
        ("the log of calls", log_cost),
    ):
        sys.stdout.write(f"\n{name}\n")
        sys.stdout.flush()
        codes.append(bench.main())
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
