"""The API for entries: posting, reading and deleting them."""

import re
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from b24app.bitrix24.entities import Entity
from b24app.context import config, context, database
from b24app.i18n import zone_of
from b24app.models import LogEntry, Source
from b24app.services.access.people import person_name
from b24app.services.machines import callbacks, requests, writing
from b24app.services.machines.requests import Circumstances, Reading, Wanted
from b24app.services.machines.writing import Written
from b24app.services.settings import icons
from b24app.services.settings.settings import Section
from b24app.web.api import bodies
from b24app.web.api.access import Machine, for_machines
from b24app.web.api.problems import Problem

blueprint = Blueprint("entries", __name__, url_prefix="/entries")

IDEMPOTENCY_KEY = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?")
NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@blueprint.post("")
@for_machines
def write(machine: Machine) -> Response:
    """Save an entry; 202 means that it is committed and the worker will deliver it."""
    try:
        written = save(machine, bodies.fields(), idempotency_key(), Source.API)
    finally:
        # A request counts whatever its outcome.
        database().commit()
    answer = jsonify(receipt(written.entry))
    answer.status_code = 202
    answer.headers["Location"] = f"{request.script_root}{request.path}/{written.entry.id}"
    if not written.is_new:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer


@blueprint.get("/<number>")
@for_machines
def show(machine: Machine, number: str) -> Response:
    """Show the state of an entry."""
    entry = _entry(machine, number)
    database().commit()
    return jsonify(callbacks.describe(entry))


@blueprint.delete("/<number>")
@for_machines
def delete(machine: Machine, number: str) -> Response:
    """Have the worker delete an entry; an unsent one is given up."""
    entry = _entry(machine, number)
    if entry.deleted_at is None:
        writing.delete(database(), machine.key, entry)
        context().queue.wake(machine.author.portal_id)
    database().commit()
    answer = jsonify({"id": str(entry.id), "state": callbacks.state_of(entry)})
    answer.status_code = 202
    return answer


def save(machine: Machine, fields: dict[str, Any], key: str, source: Source) -> Written:
    """Check the fields and save the entry, once per idempotency key; raises Problem. Commits."""
    machine.require_writer()
    wanted = _read(machine, fields)
    for card in (wanted.card, *wanted.also_on):
        machine.require_kind(card.type_id)
    machine.require_icon(wanted.draft.icon_code)
    written = writing.write(database(), machine.key, machine.author, wanted, key, source)
    if not written.is_same:
        raise Problem(409, "This idempotency key was used before, for another request. Use a new one for each entry.")
    if written.is_new:
        context().queue.wake(machine.author.portal_id)
    return written


def receipt(entry: LogEntry) -> dict[str, Any]:
    """The answer to a request, which is the same for a repeated one whatever the entry's state."""
    card = Entity(entry.entity_type_id, entry.entity_id)
    return {"id": str(entry.id), "state": "waiting", "card": requests.card_map(card)}


def idempotency_key() -> str:
    """The idempotency key in this request's header; empty if there is none. Raises Problem with 400."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return ""
    # An empty header comes from a program whose variable is empty by mistake.
    if not IDEMPOTENCY_KEY.fullmatch(key.strip()):
        raise Problem(400, "Idempotency-Key has 1 to 255 printable ASCII characters.")
    return key.strip()


def circumstances(machine: Machine, fields: dict[str, Any]) -> Circumstances:
    """What a request with this key is checked against; templates are read only if it names one."""
    author, chosen = machine.author, machine.chosen
    offered = [icon.code for icon in icons.shown(icons.listed(author.portal), icons.of(chosen[Section.ICONS]))]
    prepared = machine.templates() if fields.get("template") else []
    now = datetime.now(zone_of(author.time_zone))
    return Circumstances(offered, prepared, person_name(author), now, config().is_insecure_allowed)


def _read(machine: Machine, fields: dict[str, Any]) -> Wanted:
    reading = Reading(fields, circumstances(machine, fields))
    wanted = reading.read()
    if wanted is None:
        raise Problem(422, "Nothing was written: see errors.", errors=reading.errors)
    return wanted


def _entry(machine: Machine, number: str) -> LogEntry:
    entry = writing.find(database(), machine.key, int(number)) if NUMBER.fullmatch(number) else None
    if entry is None:
        database().commit()
        raise Problem(404, "This key has written no such entry.")
    return entry
