"""What programs may read of cards: the portal is asked in the name of the key's user."""

from typing import Any

from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24, card_lookup, methods
from b24app.bitrix24.card_urls import path_of
from b24app.bitrix24.entities import Entity
from b24app.models import Person
from b24app.services.access import portals, tokens
from b24app.services.machines import requests
from b24app.services.machines.callbacks import moment


def entries(session: Session, b24: Bitrix24, person: Person, card: Entity) -> list[dict[str, Any]]:
    """The latest ten entries of a card; raises CallFailed or PairDead. Commits."""
    calls = {"entries": methods.entries(card)}
    if about := methods.entity(card):
        calls["entity"] = about
    answers = tokens.ask_all_as(session, b24, person, calls)
    if about:
        # The card itself is read, too, so that one that they may not read is refused.
        methods.read_entity_name(answers["entity"])
    rows = methods.read_entries(answers["entries"])
    names = portals.names(session, person.portal, {row.author_id for row in rows if row.author_id})
    session.commit()
    return [
        {
            "bitrix_id": row.id,
            "icon": row.icon_code,
            "title": row.title,
            "text": row.text,
            "author": names.get(row.author_id or 0, ""),
            "created_at": moment(row.created_at),
        }
        for row in rows
    ]


def find_cards(session: Session, b24: Bitrix24, person: Person, type_id: int, words: str) -> list[dict[str, Any]]:
    """The latest cards of a kind with these words in their name; raises CallFailed or PairDead. Commits."""
    calls = card_lookup.find_entities(type_id, words)
    answers = tokens.ask_all_as(session, b24, person, calls)
    session.commit()
    return [
        {**requests.card_map(card), "name": name, "address": person.portal.origin + path_of(card)}
        for card, name in card_lookup.read_found([answers[key] for key in calls], type_id)
    ]
