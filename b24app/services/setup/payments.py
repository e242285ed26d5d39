"""ONAPPPAYMENT is only a hint, since it may come without any proof: the portal itself is asked.

Docs: https://apidocs.bitrix24.com/api-reference/common/events/on-app-payment.html
"""

import logging
from datetime import timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from b24app import db
from b24app.bitrix24 import Bitrix24, methods
from b24app.errors import CallFailed, PairDead
from b24app.models import Person, Portal, TokenPair
from b24app.services.access import tokens
from b24app.services.delivery import sender

log = logging.getLogger(__name__)

# Hints within this time after an answer are ignored: anybody can send any number of them.
APART_SECONDS = 60


def hint(session: Session, b24: Bitrix24, portal: Portal) -> bool:
    """End a portal's pause if it may be called again; returns whether it may. Commits."""
    now = db.now(session)
    longest = timedelta(seconds=sender.PARK_SECONDS - APART_SECONDS)
    person = session.scalars(_askable(portal)).first()
    session.commit()
    if person is None or portal.parked_until is None or not now < portal.parked_until <= now + longest:
        return False
    try:
        application = methods.read_application(tokens.call_as(session, b24, person, methods.application()))
        is_paid = not application.is_expired
    except (CallFailed, PairDead) as failure:
        log.warning("a payment is not confirmed", extra={"portal": portal.host, "code": str(failure)})
        is_paid = False
    portal.parked_until = None if is_paid else now + timedelta(seconds=sender.PARK_SECONDS)
    portal.notice = None if is_paid and portal.notice in sender.PARKING else portal.notice
    session.commit()
    return is_paid


def _askable(portal: Portal) -> Select[Person]:
    valid = select(Person).join(TokenPair).where(Person.portal_id == portal.id, TokenPair.refusal.is_(None))
    return valid.order_by(TokenPair.obtained_at.desc()).limit(1)
