"""The limits of a cloud portal."""

from __future__ import annotations

from .control import Field, Given, control

GROUP = "Limits"
PLAN = Field(
    "plan",
    "Plan (standard: 50, then 2 a second; enterprise: 250, then 5)",
    "choice",
    "off",
    ("off", "standard", "enterprise"),
)


@control("limit-rate", GROUP, "Limit the rate of requests", PLAN)
def limit_rate(given: Given) -> None:
    plan = given.choice("plan", PLAN.choices)
    given.portal.faults.limit_rate(None if plan == "off" else plan)


@control(
    "limit-operating",
    GROUP,
    "Limit the operating time of a method in ten minutes",
    Field("seconds", "Seconds (0: no limit)", "number", "480"),
)
def limit_operating(given: Given) -> None:
    given.portal.faults.limit_operating(given.number("seconds", 480) or None)


@control(
    "slow",
    GROUP,
    "Count each call of a method as this much operating time",
    Field("method", "Method", "method", "crm.timeline.logmessage.add"),
    Field("seconds", "Seconds", "number", "60"),
)
def slow(given: Given) -> None:
    method = given.text("method", "crm.timeline.logmessage.add").lower()
    given.portal.faults.slow(method, given.number("seconds", 60))
