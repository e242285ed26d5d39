"""A repair that somebody watches: the result of each step, line by line, and how it ended."""

from collections.abc import Iterator
from dataclasses import dataclass

from b24app.context import database
from b24app.errors import CallFailed, PairDead
from b24app.services.setup.bindings import Place
from b24app.services.setup.repairs import STEP_LENGTH, Repair
from b24app.web import places


@dataclass(frozen=True)
class Step:
    """``done`` of ``total`` places; ``rows`` are the lines of those that this step was about."""

    done: int
    total: int
    rows: list[dict[str, str]]


class Progress:
    """Iterating does it; ``failure`` is what stopped it, if anything did."""

    def __init__(self, repair: Repair) -> None:
        self.repair = repair
        self.total = len(repair.changes)
        self.failure: CallFailed | PairDead | None = None

    def __iter__(self) -> Iterator[Step]:
        done = 0
        yield Step(done, self.total, [])
        try:
            for part in self.repair.steps():
                done = min(done + len(part), self.total)
                yield Step(done, self.total, [places.row(place) for place in self.repair.places_of(part)])
        except (CallFailed, PairDead) as failure:
            self.failure = failure
        database().commit()

    @property
    def is_long(self) -> bool:
        """Whether it takes more than one request to the portal, so that progress is worth showing."""
        return self.total > STEP_LENGTH

    def finish(self) -> None:
        """Do it all at once."""
        for _step in self:
            pass

    def report(self) -> list[Place]:
        """Every place it was about, in its final state."""
        return self.repair.places_of(self.repair.changes)

    def amiss(self) -> list[Place]:
        """The places that are still wrong afterwards, each once."""
        standing = {place.code: place for place in [*self.repair.places(), *self.report()]}
        return [place for place in standing.values() if place.is_amiss]
