"""A machine with a key of its own, as it uses the interface."""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from b24app.models import Person as PersonRow
from b24app.services.machines import keys
from b24app.services.machines.keys import Wish
from b24app.services.settings import settings, templates
from b24app.services.settings.settings import Section
from b24app.services.settings.templates import Template
from devportal import Portal
from devportal.model.people import Person
from tests.support.logbook import Logbook

DEAL = 2
ENTRY = {"card": {"type": "deal", "id": 1}, "icon": "call", "title": "Called", "text": "They agreed."}


@dataclass
class Machine:
    """Sends requests with a key."""

    logbook: Logbook
    key: str
    callback_secret: str = ""

    def send(self, method: str, path: str, **request: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}", **request.pop("headers", {})}
        return self.logbook.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **request)

    def get(self, path: str) -> TestResponse:
        return self.send("GET", path)

    def write(self, idempotency_key: str = "", **changes: Any) -> TestResponse:
        """Post an entry as JSON."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return self.send("POST", "/entries", json={**ENTRY, **changes}, headers=headers)

    def number(self, **changes: Any) -> str:
        """Post an entry; returns its id."""
        return str(told(self.write(**changes))["id"])

    def state(self, number: str) -> str:
        return str(told(self.get(f"/entries/{number}"))["state"])


def machine(logbook: Logbook, portal: Portal, person: Person | None = None, **wish: Any) -> Machine:
    """A key made by a person of the portal, who has opened Logbook for it."""
    person = person or portal.administrator
    logbook.send(portal.frame(person, placement="DEFAULT"))
    with logbook.database() as session:
        rows = select(PersonRow).where(PersonRow.bitrix_id == person.id)
        row = next(one for one in session.scalars(rows) if one.portal.member_id == portal.member_id)
        made = keys.make(session, row, Wish(**{"name": "ERP", **wish}), secrets.token_hex(8))
        assert made
        return Machine(logbook, made.key, made.callback_secret)


def save_template(installed: Logbook, portal: Portal, **words: Any) -> None:
    save_templates(installed, portal, Template(id="order", **words))


def save_templates(installed: Logbook, portal: Portal, *all_of_them: Template) -> None:
    """As an administrator does on the settings page."""
    with installed.database() as session:
        person = session.scalars(select(PersonRow).where(PersonRow.bitrix_id == portal.administrator.id)).one()
        chosen = templates.choices(list(all_of_them))
        settings.save(session, person, Section.TEMPLATES, chosen, version=0)


def told(answer: TestResponse) -> dict[str, Any]:
    """The object in an answer."""
    assert isinstance(answer.json, dict), answer.text
    return answer.json


def problem(answer: TestResponse) -> tuple[int, set[str]]:
    """The status of a refusal, and the fields that are wrong."""
    assert answer.mimetype == "application/problem+json", answer.text
    refusal = told(answer)
    assert refusal["status"] == answer.status_code
    assert all(refusal[name] for name in ("type", "title", "detail"))
    return answer.status_code, set(refusal.get("errors", {}))
