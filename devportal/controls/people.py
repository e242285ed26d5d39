"""People, their tokens and rights, and the licence."""

from __future__ import annotations

from .control import PERSON, Field, Given, control

GROUP = "People and licence"
SWITCH = Field("on", "Switch", "choice", "on", ("on", "off"))
CARD = (
    Field("entity_type_id", "Entity type", "number", "2"),
    Field("entity_id", "Card", "number", "1"),
)


@control("expire-tokens", GROUP, "Expire access tokens", Field("person", "Person (none: all)", "person"))
def expire(given: Given) -> None:
    given.portal.expire_access_tokens(given.optional_person)


@control("lapse-plan", GROUP, "Commercial plan has lapsed", SWITCH)
def lapse_plan(given: Given) -> None:
    given.portal.faults.is_plan_lapsed = is_on(given)


@control("dismiss", GROUP, "Dismiss a person", PERSON, SWITCH)
def dismiss(given: Given) -> None:
    given.portal.dismiss(given.person, is_on(given))


@control("withdraw", GROUP, "Withdraw a person's access to the application", PERSON, SWITCH)
def withdraw(given: Given) -> None:
    given.portal.withdraw_access(given.person, is_on(given))


@control("deny-edit", GROUP, "Remove the right to edit a card", PERSON, *CARD, SWITCH)
def deny_edit(given: Given) -> None:
    change = given.portal.deny_edit if is_on(given) else given.portal.allow_edit
    change(given.person, given.count("entity_type_id", 2), given.count("entity_id"))


@control("deny-read", GROUP, "Remove the right to read a card", PERSON, *CARD, SWITCH)
def deny_read(given: Given) -> None:
    change = given.portal.deny_read if is_on(given) else given.portal.allow_read
    change(given.person, given.count("entity_type_id", 2), given.count("entity_id"))


def is_on(given: Given) -> bool:
    return given.choice("on", SWITCH.choices) == "on"
