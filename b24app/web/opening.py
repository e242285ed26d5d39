"""What opening the composer asks the portal, and the card session from the answers."""

from collections.abc import Sequence

from b24app.bitrix24 import methods, related_cards
from b24app.bitrix24.calls import Answers, Call
from b24app.bitrix24.entities import Entity
from b24app.bitrix24.payloads import FrameCall
from b24app.codes import Reason
from b24app.context import database
from b24app.errors import LogbookError, Refused
from b24app.models import LogEntry, Person
from b24app.services.access.portals import Caller
from b24app.services.delivery import outbox
from b24app.services.settings import icons, own_templates
from b24app.web.card_session import CardSession
from b24app.web.sessions import prove_origin

REFUSED_ENTITY = {Reason.ACCESS_DENIED, Reason.NOT_FOUND, Reason.OWNER_NOT_FOUND}


def questions(entity: Entity) -> dict[str, Call]:
    """The calls for the icons, the card and related cards."""
    asked: dict[str, Call] = {**icons.QUESTION}
    if entity_call := methods.entity(entity):
        asked |= {"entity": entity_call, **related_cards.questions(entity)}
    return asked


def card_session(call: FrameCall, entity: Entity, caller: Caller, answers: Answers) -> CardSession:
    """The card session of a proved caller; raises Refused if the portal refuses the card itself."""
    icons.learn(caller.portal, answers)
    prove_origin(call, caller.portal)
    around = tuple(related_cards.read(answers, entity))
    own = own_templates.labels_in(caller.labels, caller.person)
    return CardSession(caller.person, entity, _entity_name(answers, entity), around, own)


def wake(person: Person, ours: Sequence[LogEntry]) -> bool:
    """Make due what waits for this person's pair, which is fresh now; returns whether anything did."""
    is_waited_for = any(entry.person_id == person.id and entry.reason == Reason.PAIR_DEAD for entry in ours)
    return outbox.wake(database(), person) if is_waited_for else False


def _entity_name(answers: Answers, entity: Entity) -> str:
    """The card's name; raises Refused if the card itself is refused. After other failures, the name is empty."""
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
