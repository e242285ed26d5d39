"""The session of a person on a card: opened by the portal's proof, then carried by our session token."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from flask import Response, request

from b24app.bitrix24.entities import Entity
from b24app.bitrix24.related_cards import NamedCard
from b24app.context import database
from b24app.errors import NotInstalled, SessionExpired
from b24app.models import Person
from b24app.services.access import portals
from b24app.services.access.people import Author
from b24app.services.delivery import drafts, happening_time
from b24app.services.delivery.drafts import Form
from b24app.services.delivery.entries import Draft
from b24app.services.settings import extras, icons, own_templates, settings, templates, writers
from b24app.services.settings.extras import Extras
from b24app.services.settings.own_templates import Label
from b24app.services.settings.settings import Chosen, Section
from b24app.services.settings.templates import Template
from b24app.services.settings.writers import Writers
from b24app.web import also_on
from b24app.web.icons import Palette, palette
from b24app.web.sessions import SessionToken, frame_origin, seal, unseal

PURPOSE = "entry"
LONGEST_FORM_KEY = 64


@dataclass(frozen=True)
class CardSession:
    """A proved person on a card."""

    person: Person
    entity: Entity
    entity_name: str
    # The cards around it.
    related: tuple[NamedCard, ...] = ()
    # The person's own templates, if they were read together with the person.
    labels: Sequence[Label] | None = None

    @cached_property
    def chosen(self) -> Chosen:
        """The portal's settings, read together with the portal."""
        return settings.of(self.person.portal)

    @cached_property
    def writers(self) -> Writers:
        """The setting of who may write."""
        return writers.of(self.chosen[Section.WRITERS])

    @cached_property
    def icons(self) -> Palette:
        return palette(self.person.portal, icons.of(self.chosen[Section.ICONS]))

    @cached_property
    def extras(self) -> Extras:
        return extras.of(self.chosen[Section.EXTRAS])

    @cached_property
    def templates(self) -> list[Template]:
        """The templates for this kind of card."""
        return templates.offered(templates.of(self.chosen[Section.TEMPLATES]), self.entity.type_id)

    @cached_property
    def own_templates(self) -> list[Label]:
        """The person's own for this kind of card."""
        labels = own_templates.labels(database(), self.person) if self.labels is None else self.labels
        return own_templates.offered(labels, self.entity.type_id)

    @property
    def session(self) -> str:
        return seal(
            SessionToken(
                purpose=PURPOSE,
                member_id=self.person.portal.member_id,
                person_id=self.person.bitrix_id,
                entity_type_id=self.entity.type_id,
                entity_id=self.entity.id,
                entity_name=self.entity_name,
                origin=frame_origin(),
            )
        )


@dataclass(frozen=True)
class Typed:
    """What a composer's form sent: the draft, and the form's key."""

    draft: Draft
    form_key: str
    form: Form = field(default_factory=Form)


Found = TypeVar("Found")
Answer = Callable[[CardSession, Typed], Response]
Otherwise = Callable[[Typed, SessionExpired | NotInstalled], Response]


def typed() -> Typed:
    """The content of this request's form."""
    fields = request.form.to_dict()
    draft = Draft(
        fields.get("icon", ""),
        fields.get("title", ""),
        fields.get("text", ""),
        happened=fields.get("happened", "").strip()[: happening_time.LONGEST],
        also_on=also_on.typed(),
        corrects=as_number(fields.get("corrects", "")),
    )
    form_key = fields.get("form_key", "")[:LONGEST_FORM_KEY]
    form = Form(form_key, fields.get("continued", ""), fields.get("first_icon", ""))
    return Typed(draft.tidied(), form_key, form)


def as_number(text: str) -> str:
    """The digits of a number that a database takes; empty for anything else."""
    return text if text.isascii() and text.isdigit() and len(text) < 19 else ""


def has_fields() -> bool:
    """Whether this request's form had input fields; those of readers have none."""
    return "title" in request.form


def keep_typed(card: CardSession, words: Typed) -> None:
    """Save the form's content as a draft, unless the form had no fields."""
    if has_fields():
        drafts.keep(database(), card.person, card.entity, words.draft, words.form)


def opened() -> CardSession:
    """The card session of this request's form; raises SessionExpired or NotInstalled."""
    token = unseal(request.form.get("session", ""), PURPOSE)
    person = portals.find_person(database(), token.member_id, token.person_id)
    return CardSession(person, Entity(token.entity_type_id, token.entity_id), token.entity_name, also_on.offered())


def author_on_card() -> tuple[Author, Entity]:
    """Whose form this is and of which card, which is all that keeping it takes; raises like ``opened``."""
    token = unseal(request.form.get("session", ""), PURPOSE)
    author = portals.find_author(database(), token.member_id, token.person_id)
    return author, Entity(token.entity_type_id, token.entity_id)


def in_card_session(answer: Answer, otherwise: Otherwise) -> Response:
    """Call ``answer`` with this request's card session, or ``otherwise`` if it has expired or Logbook is gone."""
    return in_session(answer, otherwise, opened)


def in_session(answer: Callable[[Found, Typed], Response], otherwise: Otherwise, find: Callable[[], Found]) -> Response:
    """The same with whatever ``find`` finds of the session."""
    words = typed()
    try:
        found = find()
    except (SessionExpired, NotInstalled) as failure:
        return otherwise(words, failure)
    return answer(found, words)
