"""The first reads of every opening and form, in statements that are built once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from b24app.bitrix24.addresses import host_of
from b24app.bitrix24.entities import Entity
from b24app.bitrix24.oauth import Pair
from b24app.models import OwnTemplates, Person, Portal, SavedDraft, SavedSettings, TokenPair
from b24app.prepared import Prepared, among, padded
from b24app.services.access import sealing
from b24app.services.access.people import Author, person_name

# The people whose names the entries of a card need; with the caller, it is one more.
AUTHORS_AT_ONCE = 10
PEOPLE_AT_ONCE = AUTHORS_AT_ONCE + 1

_OF_MEMBER = (
    select(Portal, SavedSettings)
    .select_from(Portal)
    .outerjoin(SavedSettings, SavedSettings.portal_id == Portal.id)
    .where(Portal.member_id == bindparam("member_id"))
)
_PORTAL = Prepared(_OF_MEMBER)
_PERSON = Prepared(
    _OF_MEMBER.add_columns(Person)
    .join(Person, Person.portal_id == Portal.id)
    .where(Person.bitrix_id == bindparam("bitrix_id"))
)
_AUTHOR = Prepared(
    select(Person.id, Person.portal_id, Portal.client_endpoint)
    .join(Portal, Portal.id == Person.portal_id)
    .where(Portal.member_id == bindparam("member_id"), Portal.suspended_at.is_(None))
    .where(Person.bitrix_id == bindparam("bitrix_id"))
)
_IS_CALLER = Person.bitrix_id == bindparam("caller")
_PEOPLE = Prepared(
    select(
        Person,
        TokenPair.access_token,
        TokenPair.refresh_token.is_not(None),
        TokenPair.refusal.is_(None) & TokenPair.lease_until.is_(None),
        TokenPair.installation,
        SavedDraft,
        OwnTemplates.labels,
    )
    .outerjoin(TokenPair, (TokenPair.person_id == Person.id) & _IS_CALLER)
    .outerjoin(
        SavedDraft,
        (SavedDraft.person_id == Person.id)
        & (SavedDraft.entity_type_id == bindparam("entity_type_id"))
        & (SavedDraft.entity_id == bindparam("entity_id"))
        & _IS_CALLER,
    )
    .outerjoin(OwnTemplates, (OwnTemplates.person_id == Person.id) & _IS_CALLER)
    .where(Person.portal_id == bindparam("portal_id"), among(Person.bitrix_id, "bitrix_id", PEOPLE_AT_ONCE))
)


@dataclass(frozen=True)
class Found:
    """The people found: the caller, whether their pair is already stored, and others' names."""

    person: Person | None
    is_kept: bool
    drafts: Sequence[SavedDraft]
    names: Mapping[int, str]
    # The labels of the caller's own templates, sealed.
    labels: str | None


def find_portal(session: Session, member_id: str) -> Portal | None:
    """The portal with what its administrators have chosen."""
    return _portal_of(_PORTAL.rows(session, {"member_id": member_id}))


def find_person(session: Session, member_id: str, bitrix_id: int) -> Person | None:
    """The person with their portal and what its administrators have chosen."""
    rows = _PERSON.rows(session, {"member_id": member_id, "bitrix_id": bitrix_id})
    portal = _portal_of(rows)
    return None if portal is None else person_of(portal, rows[0][2])


def find_author(session: Session, member_id: str, bitrix_id: int) -> Author | None:
    """The same person without all that it takes to show a page; None also if the portal is suspended."""
    rows = _AUTHOR.rows(session, {"member_id": member_id, "bitrix_id": bitrix_id})
    if not rows:
        return None
    person_id, portal_id, endpoint = rows[0]
    return Author(person_id, portal_id, bitrix_id, member_id, host_of(endpoint))


def person_of(portal: Portal, person: Person) -> Person:
    """The person, who need not look for their portal any more."""
    set_committed_value(person, "portal", portal)
    return person


def find_people(
    session: Session, portal: Portal, bitrix_id: int, pair: Pair, card: Entity | None, named: Collection[int]
) -> Found:
    """Read the person, their pair, drafts on the card and own templates, and the names of others in one statement."""
    place = {"entity_type_id": card and card.type_id, "entity_id": card and card.id}
    asked = padded("bitrix_id", {bitrix_id, *named}, PEOPLE_AT_ONCE)
    wanted = {"portal_id": portal.id, "caller": bitrix_id, **asked, **place}
    person, drafts, is_kept, names, labels = None, [], False, {}, None
    for known, access_token, can_be_renewed, is_clear, installation, draft, own in _PEOPLE.rows(session, wanted):
        names[known.bitrix_id] = person_name(person_of(portal, known))
        if known.bitrix_id == bitrix_id:
            person, labels = known, own
            drafts += [draft] if draft else []
            # The same access token means the same refresh token.
            is_same = sealing.opened(access_token, sealing.of_person(known)) == pair.access_token
            is_kept = is_clear and is_same and (can_be_renewed or not pair.refresh_token)
            is_kept = is_kept and installation == portal.installation
    return Found(person, bool(is_kept), drafts, names, labels)


def _portal_of(rows: Sequence[tuple[Any, ...]]) -> Portal | None:
    """From rows that begin with the portal and one of its settings each."""
    if not rows:
        return None
    portal: Portal = rows[0][0]
    set_committed_value(portal, "sections", [row[1] for row in rows if row[1]])
    return portal
