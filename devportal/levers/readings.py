"""Which of two readings a portal plays."""

from __future__ import annotations

from functools import partial

from ..model.readings import CHOICES, MEANINGS
from .lever import Field, Given, lever

GROUP = "Readings"


def pull(name: str, given: Given) -> None:
    setattr(given.portal.state.readings, name, given.choice("value", CHOICES[name]))


for reading, choices in CHOICES.items():
    lever(
        f"reading-{reading.replace('_', '-')}",
        GROUP,
        f"{reading}: {MEANINGS[reading]}",
        Field("value", "Reading", "choice", choices[0], choices),
    )(partial(pull, reading))
