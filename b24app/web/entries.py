"""Opening the composer on a card, and posting from it."""

from flask import Blueprint, Response, request

from b24app.bitrix24 import methods
from b24app.bitrix24.calls import Answers
from b24app.bitrix24.entities import Entity
from b24app.errors import LogbookError, Malformed, NotInstalled, Refused, SessionExpired
from b24app.i18n import gettext as _
from b24app.models import EntryState
from b24app.services import entries, icons, outbox, portals
from b24app.services.entries import Draft
from b24app.services.portals import Caller
from b24app.web import composer, frame, outcomes
from b24app.web.composer import Desk, Filled, HistoryItem
from b24app.web.context import b24, context, database
from b24app.web.home import belongs
from b24app.web.sessions import unseal

blueprint = Blueprint("entries", __name__)

LONGEST_FORM_KEY = 64
REFUSED_ENTITY = {"ACCESS_DENIED", "NOT_FOUND", "OWNER_NOT_FOUND"}


@blueprint.get("/placement")
def explain() -> Response:
    return belongs(_("Bitrix24 opens this address when somebody presses the tab “Logbook” on a card of the CRM."))


@blueprint.post("/placement")
def open_composer() -> Response:
    """The tab on a card: one request to the portal proves the caller and brings all that the page shows."""
    call = frame.read_call()
    if call.entity is None:
        raise Malformed(field="PLACEMENT")
    questions = {"entries": methods.entries(call.entity), **icons.QUESTION}
    if entity_call := methods.entity(call.entity):
        questions["entity"] = entity_call
    caller, answers = portals.recognise(database(), b24(), call, questions)
    icons.learn(caller.portal, answers)
    if outbox.wake(database(), caller.person):
        context().queue.wake(caller.portal.id)
    database().commit()
    desk = Desk(caller.person, call.entity, _entity_name(answers, call.entity))
    history, problem = _history(caller, call.entity, answers)
    return composer.show(desk, history, history_problem=problem)


@blueprint.post("/entries")
def post() -> Response:
    """Check, write down, send; whatever happens, the answer is the composer with what was typed or what was made."""
    draft = Draft(*(request.form.get(name, "") for name in ("icon", "title", "text"))).tidied()
    form_key = request.form.get("form_key", "")[:LONGEST_FORM_KEY]
    try:
        desk = _desk(request.form.get("session", ""))
    except SessionExpired:
        return composer.show_orphaned(Filled(draft, form_key, outcome=outcomes.expired()))
    except NotInstalled:
        return composer.show_orphaned(Filled(draft, form_key, outcome=outcomes.not_installed()))
    if errors := outcomes.field_errors(entries.problems(draft, _codes(desk))):
        return _show(desk, Filled(draft, form_key, errors, outcomes.invalid(errors)))
    return _show(desk, _deliver(desk, draft, form_key))


def _desk(session_token: str) -> Desk:
    token = unseal(session_token, "entry")
    person = portals.find_person(database(), token.member_id, token.person_id)
    return Desk(person, Entity(token.entity_type_id, token.entity_id), token.entity_name)


def _deliver(desk: Desk, draft: Draft, form_key: str) -> Filled:
    entry, is_new = entries.write(database(), desk.person, desk.entity, draft, form_key)
    if is_new:
        outbox.deliver(database(), b24(), entry)
        if entry.state in outbox.WAITING:
            context().queue.wake(entry.portal_id)
    entries.settled(database(), entry)
    outcome = outcomes.of_entry(entry)
    # Refused words stay in the form, under a new key: posting them again is a new try.
    return Filled(draft if entry.state == EntryState.FAILED else Draft(draft.icon_code), outcome=outcome)


def _show(desk: Desk, filled: Filled) -> Response:
    ours = entries.of_entity(database(), desk.person.portal_id, desk.entity)
    return composer.show(desk, composer.items_of_ours(desk.person, ours), filled)


def _codes(desk: Desk) -> set[str]:
    return {icon.code for icon in icons.offered(desk.person.portal)}


def _entity_name(answers: Answers, entity: Entity) -> str:
    """Refusals of the card itself end here; anything else only costs its name."""
    if methods.entity(entity) is None:
        return ""
    try:
        return methods.read_entity_name(answers["entity"])[:255]
    except Refused as refused:
        if refused.code in REFUSED_ENTITY:
            raise
        return ""
    except LogbookError:
        return ""


def _history(caller: Caller, entity: Entity, answers: Answers) -> tuple[list[HistoryItem], str]:
    """What waits with us, then what the portal lists; and a sentence where it lists nothing we can read."""
    ours = entries.of_entity(database(), caller.portal.id, entity)
    try:
        listed = methods.read_entries(answers["entries"])[: entries.SHOWN]
    except LogbookError:
        problem = _("Bitrix24 did not tell what stands on the timeline; these are the entries written with Logbook.")
        return composer.items_of_ours(caller.person, ours), problem
    known = entries.by_bitrix_id(database(), caller.portal.id, [entry.id for entry in listed])
    names = portals.names(database(), caller.portal, {entry.author_id for entry in listed})
    waiting = [entry for entry in ours if entry.state != EntryState.SENT]
    shown = composer.items_of_portal(caller.person, listed, known, names)
    return composer.items_of_ours(caller.person, waiting) + shown, ""
