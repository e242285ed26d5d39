"""The dialect of a portal: one control for each difference."""

from __future__ import annotations

from functools import partial

from ..model.dialects import CHOICES, MEANINGS
from .control import Field, Given, control

GROUP = "Dialect"


def choose(difference: str, given: Given) -> None:
    setattr(given.portal.state.dialect, difference, given.choice("value", CHOICES[difference]))


def name_of(difference: str) -> str:
    return f"dialect-{difference.replace('_', '-')}"


for difference, choices in CHOICES.items():
    control(
        name_of(difference),
        GROUP,
        f"{difference}: {MEANINGS[difference]}",
        Field("value", "Value", "choice", choices[0], choices),
        earlier_name=f"reading-{difference.replace('_', '-')}",
    )(partial(choose, difference))
