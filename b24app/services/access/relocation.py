"""Finds portals that have moved to another address; only the authorization server is believed about that."""

import logging

from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24
from b24app.errors import LogbookError
from b24app.models import Portal

log = logging.getLogger(__name__)


def follow(session: Session, b24: Bitrix24, portal: Portal, access_token: str, failure: LogbookError) -> None:
    """Ask where the portal is now and commit its address; raises ``failure`` if it has not moved."""
    session.commit()
    installation = b24.authorities.recognise(portal.authority, access_token)
    if installation.member_id != portal.member_id or not move(portal, installation.client_endpoint):
        raise failure
    session.commit()


def move(portal: Portal, client_endpoint: str | None) -> bool:
    """Store the address from an authorization server; returns whether it is new."""
    if not client_endpoint or client_endpoint == portal.client_endpoint:
        return False
    log.warning("portal moved", extra={"portal": portal.host, "to": client_endpoint})
    portal.client_endpoint = client_endpoint
    return True
