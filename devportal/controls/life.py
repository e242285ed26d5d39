"""What a portal tells an application about itself: its own user, and that it is paid for."""

from __future__ import annotations

from .control import Field, Given, control

GROUP = "Application"


@control("own-user", GROUP, "Give the application a user of its own")
def own_user(given: Given) -> None:
    portal = given.portal
    portal.installations.give_own_user(portal.application)


@control("payment", GROUP, "Tell the application about a payment", Field("days", "Days that are paid", "number", "30"))
def payment(given: Given) -> None:
    portal = given.portal
    portal.installations.tell_payment(portal.application, given.count("days", 30))
