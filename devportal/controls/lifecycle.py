"""Events in an application's life, and runs of its robots."""

from __future__ import annotations

from ..apps import robots
from .control import PERSON, ControlError, Field, Given, control

GROUP = "Application"


@control("own-user", GROUP, "Give the application a user of its own")
def own_user(given: Given) -> None:
    require_installation(given)
    given.portal.installations.give_own_user(given.portal.application)


@control("payment", GROUP, "Tell the application about a payment", Field("days", "Days that are paid", "number", "30"))
def payment(given: Given) -> None:
    require_installation(given)
    given.portal.installations.tell_payment(given.portal.application, given.count("days", 30))


@control(
    "run-robot",
    GROUP,
    "Run a robot of the application",
    Field("code", "Code"),
    Field("document", "Document", default="DEAL_1"),
    Field("icon", "Icon", default="call"),
    Field("title", "Title", default="Called"),
    Field("text", "Text", default="By a robot."),
    PERSON,
    Field("waits", "the workflow waits", "flag"),
)
def run_robot(given: Given) -> None:
    portal, client_id = given.portal, given.portal.application.client_id
    code = given.text("code") or next((robot.code for robot in portal.state.robots), "")
    if not robots.find(portal.state, "robot", code, client_id):
        raise ControlError("the application has registered no such robot")
    properties = {name: given.text(name, default) for name, default in PROPERTIES.items()}
    document, person = given.text("document", "DEAL_1"), given.optional_person or portal.administrator
    is_awaited = given.flag("waits")
    robots.fire(portal.state, portal.events, client_id, code, document, properties, person, is_awaited=is_awaited)


def require_installation(given: Given) -> None:
    portal = given.portal
    if portal.state.installation(portal.application.client_id) is None:
        raise ControlError("the application is not installed")


PROPERTIES = {"icon": "call", "title": "Called", "text": "By a robot."}
