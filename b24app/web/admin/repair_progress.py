"""The progress of a repair that somebody watches, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass

from b24app.context import database
from b24app.errors import CallFailed, PairDead
from b24app.services.setup.bindings import Place
from b24app.services.setup.repairs import STEP_LENGTH, Repair
from b24app.web import places


@dataclass(frozen=True)
class Step:
    """A step: ``done`` of ``total`` places; ``rows`` are the places of this step."""

    done: int
    total: int
    rows: list[dict[str, str]]


class Progress:
    """Iterating carries out the repair; ``failure`` is what stopped it, if anything did."""

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
        """Whether the repair takes several requests, so that its progress is worth showing."""
        return self.total > STEP_LENGTH

    def finish(self) -> None:
        """Carry out the whole repair."""
        for _step in self:
            pass

    def report(self) -> list[Place]:
        """All places of the repair, in their final state."""
        return self.repair.places_of(self.repair.changes)

    def amiss(self) -> list[Place]:
        """The places that are still wrong afterwards."""
        standing = {place.code: place for place in [*self.repair.places(), *self.report()]}
        return [place for place in standing.values() if place.is_amiss]
