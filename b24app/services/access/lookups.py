"""The first reads of every opening and form, in statements that are built once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, contains_eager, joinedload, lazyload

from b24app.bitrix24.entities import Entity
from b24app.bitrix24.oauth import Pair
from b24app.models import OwnTemplates, Person, Portal, SavedDraft, TokenPair
from b24app.services.access import sealing
from b24app.services.access.people import person_name

PORTAL = select(Portal).where(Portal.member_id == bindparam("member_id")).options(joinedload(Portal.sections))
PERSON = (
    select(Person)
    .join(Person.portal)
    .where(Portal.member_id == bindparam("member_id"), Person.bitrix_id == bindparam("bitrix_id"))
    .options(contains_eager(Person.portal).joinedload(Portal.sections))
)
_IS_CALLER = Person.bitrix_id == bindparam("bitrix_id")
# The portal is already loaded.
_PEOPLE = (
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
    .where(Person.portal_id == bindparam("portal_id"), Person.bitrix_id.in_(bindparam("bitrix_ids", expanding=True)))
    .options(lazyload(Person.portal))
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


def find_people(
    session: Session, portal: Portal, bitrix_id: int, pair: Pair, card: Entity | None, named: Collection[int]
) -> Found:
    """Read the person, their pair, drafts on the card and own templates, and the names of others in one statement."""
    place = {"entity_type_id": card and card.type_id, "entity_id": card and card.id}
    wanted = {"portal_id": portal.id, "bitrix_id": bitrix_id, "bitrix_ids": [bitrix_id, *named], **place}
    person, drafts, is_kept, names, labels = None, [], False, {}, None
    for known, access_token, can_be_renewed, is_clear, installation, draft, own in session.execute(_PEOPLE, wanted):
        names[known.bitrix_id] = person_name(known)
        if known.bitrix_id == bitrix_id:
            person, labels = known, own
            drafts += [draft] if draft else []
            # The same access token means the same refresh token.
            is_same = sealing.opened(access_token, sealing.of_person(known)) == pair.access_token
            is_kept = is_clear and is_same and (can_be_renewed or not pair.refresh_token)
            is_kept = is_kept and installation == portal.installation
    return Found(person, bool(is_kept), drafts, names, labels)
