"""The form's optional parts: when it happened, and further cards."""

from datetime import datetime
from typing import Any

from b24app.i18n import gettext as _
from b24app.i18n import zone_of
from b24app.models import Person
from b24app.services.delivery import happening_time
from b24app.services.delivery.entries import Draft
from b24app.services.delivery.happening_time import MomentProblem
from b24app.services.settings import extras
from b24app.web import also_on
from b24app.web.card_kinds import kind_of, name_of
from b24app.web.card_session import CardSession
from b24app.web.page_cache import own


def errors(card: CardSession, draft: Draft) -> dict[str, str]:
    """Why the form cannot be posted, by field."""
    problem = _read_moment(card.person, draft)
    return {"happened": _in_words(problem)} if isinstance(problem, MomentProblem) else {}


def of_draft(card: CardSession, draft: Draft) -> dict[str, Any]:
    """The arguments of ``entries.write`` besides the draft."""
    moment = _read_moment(card.person, draft)
    happened_at = moment if isinstance(moment, datetime) else None
    return {
        "happened_at": happened_at,
        "prefix": extras.prefix(card.person, card.extras, happened_at),
        "also_on": also_on.chosen(draft.also_on, card.related),
    }


def related_to(card: CardSession, draft: Draft) -> list[dict[str, object]]:
    """The related cards, for templates/_also_on.html."""
    return [
        {
            "number": own(also_on.written(one.entity)),
            "name": own(one.name or name_of(one.entity)),
            "kind": kind_of(one.entity.type_id),
            "is_chosen": also_on.written(one.entity) in draft.also_on,
        }
        for one in card.related
        if card.extras.has_related
    ]


def text_of(card: CardSession, draft: Draft) -> str:
    """The text with its prefix."""
    return str(of_draft(card, draft)["prefix"]) + draft.text


def _read_moment(person: Person, draft: Draft) -> datetime | MomentProblem | None:
    return happening_time.read(draft.happened, zone_of(person.time_zone))


def _in_words(problem: MomentProblem) -> str:
    sentences = {
        MomentProblem.UNREADABLE: _("Enter when it happened as a date and a time, or leave it empty."),
        MomentProblem.EARLY: _("It cannot have happened before 1970."),
        MomentProblem.FUTURE: _("It cannot have happened in the future."),
    }
    return sentences[problem]
