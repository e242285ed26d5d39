"""The progress of a set, in words."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime

from b24app.bitrix24.entities import Entity
from b24app.bitrix24.related_cards import NamedCard
from b24app.context import database
from b24app.i18n import ago, moment, ngettext, written, zone_of
from b24app.i18n import gettext as _
from b24app.models import Person
from b24app.services.delivery import preview, sets
from b24app.services.delivery.entries import Draft
from b24app.services.delivery.sets import EntrySet, Fate, Member
from b24app.services.reports import health
from b24app.web import frame, sentences, shown_entries
from b24app.web.admin.deliveries import wording
from b24app.web.card_session import CardSession
from b24app.web.sentences import Reader
from b24app.web.several import choosing


def told(found: EntrySet, card: CardSession, names: Mapping[Entity, str | None]) -> dict[str, object]:
    """The context of templates/several/progress.html; cards without a name are told by their kind and number."""
    total = len(found.members)
    done = len(found.having(Fate.GONE) if found.is_undone else found.having(Fate.SENT))
    origin = frame.portal_origin(card.person.portal)
    draft = Draft(found.icon_code, found.title, found.text)
    return {
        "id": found.id,
        "total": total,
        "done": done,
        "ended": total - len(found.having(Fate.WAITING, Fate.LEAVING)),
        "sentence": _sentence(found, done, total),
        "is_settled": found.is_settled,
        "is_undone": found.is_undone,
        "is_worker_missing": not found.is_settled and health.is_worker_missing(database()),
        "preview": shown_entries.of_draft(card.person, draft, card.icons.listed) if found.title else None,
        "moment": moment(found.written_at.astimezone(zone_of(card.person.time_zone))),
        "refused": _by_reason(found.having(Fate.REFUSED), names, origin),
        "kept": _by_reason(found.having(Fate.KEPT), names, origin),
    }


def listed(person: Person) -> list[dict[str, object]]:
    """A person's latest sets, for lists."""
    return [
        {
            "id": one.id,
            "title": preview.as_shown(one.title) or wording.nameless(is_there=one.deleted_at is None),
            "cards": on_cards(one.count),
            "age": ago(datetime.now(UTC) - one.written_at),
        }
        for one in sets.latest(database(), person)
    ]


def on_cards(count: int) -> str:
    return ngettext("on %(count)s card", "on %(count)s cards", count) % {"count": written(count)}


def _sentence(found: EntrySet, done: int, total: int) -> str:
    numbers = {"done": written(done), "total": written(total)}
    if found.is_undone:
        return _("Taken back: %(done)s of %(total)s.") % numbers
    return _("On the timeline: %(done)s of %(total)s.") % numbers


def _by_reason(members: list[Member], names: Mapping[Entity, str | None], origin: str) -> list[dict[str, object]]:
    """Reasons with their cards, the most frequent first."""
    cards = defaultdict(list)
    for member in members:
        cards[member.reason].append(NamedCard(member.card, names.get(member.card) or ""))
    by_number = sorted(cards.items(), key=lambda one: -len(one[1]))
    return [
        {"reason": sentences.refused(reason, Reader.AUTHOR), "cards": choosing.rows(some, origin)}
        for reason, some in by_number
    ]
