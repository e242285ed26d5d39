"""``make fuzz``: everything that reads what comes from outside, under a coverage-guided fuzzer for some minutes.

Prints by reader how many inputs were tried, and how many edges of the code the seeds reached and the inputs that were
found. The fewest that reach what the seeds do not are kept among them. An input that a reader fails with
is left in build/fuzz, and must become a test.
"""

import ast
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.words import dictionary

PROJECT = Path(__file__).parent.parent.parent
SEEDS = Path(__file__).parent / "seeds"
FOUND = PROJECT / "build/fuzz"
SECONDS = 240
# Longer inputs are tried, and found again from these.
LONGEST_SEED = 600
LIMITS = ("-max_len=4096", "-timeout=10", "-rss_limit_mb=4096")
PROGRESS = re.compile(r"^#(\d+)\s+(INITED|\w+)\s+cov: (\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """What became of one reader; ``reached`` has the edges at the start and at the end."""

    reader: str
    inputs: int
    reached: tuple[int, int]
    kept: int
    output: str
    is_well: bool

    def __str__(self) -> str:
        start, end = self.reached
        told = f"{self.reader:<10}{self.inputs:>10}{start:>10}{end:>10}{self.kept:>8}"
        return told if self.is_well else f"{told}\n{self.output}"


def main(seconds: int, readers: list[str]) -> int:
    """1 when an input was found that a reader fails with."""
    sys.stdout.write(f"{'reader':<10}{'inputs':>10}{'edges':>10}{'at end':>10}{'seeds':>8}\n")
    runs = []
    for reader in readers:
        runs.append(fuzz(reader, max(1, seconds // len(readers))))
        sys.stdout.write(f"{runs[-1]}\n")
        sys.stdout.flush()
    return 0 if all(run.is_well for run in runs) else 1


def fuzz(reader: str, seconds: int) -> Run:
    seeds = read_seeds(reader)
    FOUND.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="logbook-fuzz-") as name:
        folder = Path(name)
        corpus, fewest, known = folder / "corpus", folder / "fewest", folder / "words"
        corpus.mkdir()
        fewest.mkdir()
        known.write_text(dictionary())
        for number, seed in enumerate(seeds):
            (corpus / str(number)).write_bytes(seed)
            (fewest / str(number)).write_bytes(seed)
        command = write_command(folder / "again", reader)
        limits = (f"-dict={known}", f"-max_total_time={seconds}", f"-artifact_prefix={FOUND}/{reader}-", *LIMITS)
        ended = start(command, *limits, str(corpus))
        if ended.returncode == 0:
            # To the seeds, what reaches more. By edges alone: how often one was passed is no reason to keep an input.
            start(command, "-merge=1", "-use_counters=0", *LIMITS, str(fewest), str(corpus))
            seeds = write_seeds(reader, [path.read_bytes() for path in fewest.iterdir()]) or seeds
    steps = [(int(step[1]), int(step[3])) for step in PROGRESS.finditer(ended.stderr)] or [(0, 0)]
    output = ended.stdout + ended.stderr
    return Run(reader, steps[-1][0], (steps[0][1], steps[-1][1]), len(seeds), output, ended.returncode == 0)


def write_command(path: Path, reader: str) -> Path:
    """libFuzzer starts itself again to compare inputs, and takes the name of its command for a program."""
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -m tests.fuzz.one {reader} "$0" "$@"\n')
    path.chmod(0o700)
    return path


def start(command: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [command, *arguments], cwd=PROJECT, capture_output=True, text=True, errors="replace", check=False
    )


def read_seeds(reader: str) -> list[bytes]:
    """One a line, as Python writes bytes."""
    return [ast.literal_eval(line) for line in (SEEDS / f"{reader}.txt").read_text().splitlines()]


def write_seeds(reader: str, seeds: list[bytes]) -> list[bytes]:
    kept = sorted(seed for seed in seeds if len(seed) <= LONGEST_SEED)
    (SEEDS / f"{reader}.txt").write_text("".join(f"{seed!r}\n" for seed in kept))
    return kept


if __name__ == "__main__":
    named = sorted(path.stem for path in SEEDS.iterdir())
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS, sys.argv[2:] or named))
