"""Templates in the composer: one press fills the form without losing its content."""

from collections.abc import Collection
from datetime import UTC, datetime

from flask import Blueprint, Response, request

from b24app.bitrix24.entities import Entity
from b24app.codes import OutcomeKind
from b24app.context import b24, database
from b24app.errors import CallFailed, PairDead
from b24app.i18n import gettext as _
from b24app.i18n import zone_of
from b24app.models import Person
from b24app.services.access.people import person_name
from b24app.services.delivery import drafts
from b24app.services.settings import card_fields, own_templates, placeholders, templates
from b24app.services.settings.card_fields import CardWords
from b24app.services.settings.placeholders import Placeholder
from b24app.services.settings.templates import Inserted, Template
from b24app.web import composer, history, outcomes
from b24app.web.card_kinds import name_of
from b24app.web.card_session import CardSession, Typed, in_card_session
from b24app.web.composer import Filled
from b24app.web.outcomes import Outcome

blueprint = Blueprint("templates", __name__)


@blueprint.post("/templates")
def insert() -> Response:
    """Insert a template; if it needs values that only the portal knows, the portal is asked once."""
    return in_card_session(_insert, composer.show_orphaned)


def values_of(person: Person, entity: Entity, entity_name: str, wanted: Collection[Placeholder]) -> dict[str, str]:
    """The values of placeholders that are known without asking the portal."""
    known = {"card": entity_name or name_of(entity), "number": str(entity.id), "author": person_name(person)}
    return known | placeholders.days(wanted, datetime.now(UTC).astimezone(zone_of(person.time_zone)))


def _insert(card: CardSession, words: Typed) -> Response:
    return composer.show_with_ours(card, inserted(card, words))


def inserted(card: CardSession, words: Typed) -> Filled:
    """The form with the chosen template inserted, which is saved as a draft."""
    filled = _filled(card, words)
    drafts.keep(database(), card.person, card.entity, filled.draft, words.form)
    return filled


def _filled(card: CardSession, words: Typed) -> Filled:
    if not card.writers.include(card.person):
        refused = outcomes.with_words_kept(outcomes.not_a_writer(card.writers))
        return Filled(words.draft, words.form_key, outcome=refused)
    template = _chosen(card)
    if template is None:
        return Filled(words.draft, words.form_key, outcome=outcomes.no_such_template())
    wanted = placeholders.found_in(template.title, template.text)
    try:
        about = card_fields.ask(database(), b24(), card.person, card.entity, wanted)
    except (CallFailed, PairDead) as failure:
        return Filled(words.draft, words.form_key, outcome=history.failed(failure))
    codes = {icon.code for icon in card.icons.offered}
    values = {**values_of(card.person, card.entity, card.entity_name, wanted), **about.values}
    inserted = templates.insert(template, words.draft, values, codes)
    return Filled(inserted.draft, words.form_key, outcome=_outcome(template, inserted, about))


def _chosen(card: CardSession) -> Template | None:
    """The template named in this request's form: the administrators' or the person's own."""
    if "own" not in request.form:
        return templates.find(card.templates, request.form.get("template", ""))
    stored, _version = own_templates.read(database(), card.person)
    return templates.find(stored, request.form["own"])


def _outcome(template: Template, inserted: Inserted, about: CardWords) -> Outcome:
    heading = _("Inserted: %(name)s") % {"name": template.name}
    said = {
        _("Your title stays as it was."): template.title and "title" not in inserted.taken,
        _("The text is there already."): template.text and "text" not in inserted.taken,
        _("Its icon is not offered any more, so yours stays."): template.icon not in {"", inserted.draft.icon_code},
    }
    kept = [sentence for sentence, is_so in said.items() if is_so] + card_in_words(about)
    return Outcome(OutcomeKind.INSERTED, 200, heading, " ".join(kept), _("Change what you like, then post."))


def card_in_words(about: CardWords) -> list[str]:
    """Sentences about placeholders that could not be filled in."""
    missing = _("Bitrix24 does not have this on the card, so it stays as it is written: %(fields)s.")
    empty = _("Empty on this card: %(fields)s.")
    told = {missing: about.missing, empty: about.empty}
    return [sentence % {"fields": ", ".join(names)} for sentence, names in told.items() if names]
