"""The pages for one text on several cards: the form, a confirmation, and the progress.

They are reached from the composer, with the text typed there, and from the application's own page.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import Blueprint, Response, request

from b24app.bitrix24.entities import Entity
from b24app.bitrix24.related_cards import NamedCard
from b24app.codes import OutcomeKind
from b24app.context import b24, context, database
from b24app.errors import CallFailed, PairDead, SessionExpired
from b24app.i18n import gettext as _
from b24app.models import Person
from b24app.services.access import portals
from b24app.services.delivery import drafts, entries, sets
from b24app.services.delivery.entries import LONGEST_TEXT, LONGEST_TITLE, Draft
from b24app.services.delivery.sets import EntrySet, Fate
from b24app.services.settings import writers
from b24app.web import card_session, composer, extras, frame, history, outcomes, shown_entries
from b24app.web.card_session import CardSession, Typed, in_session, keep_typed
from b24app.web.icons import tiles
from b24app.web.offered_icons import IconOffer
from b24app.web.outcomes import Outcome
from b24app.web.sessions import SessionToken, frame_origin, seal, unseal
from b24app.web.several import choosing, progress
from b24app.web.several.choosing import Choice

blueprint = Blueprint("several", __name__, url_prefix="/several")

PURPOSE = "several"
# The session of somebody who does not come from a card.
NO_CARD = Entity(0, 0)


@blueprint.post("")
def show() -> Response:
    """Show the form, with the composer's text or the saved draft."""
    return _in_session(_show)


@blueprint.post("/check")
def check() -> Response:
    """Read the cards' names from the portal in one request, then ask for confirmation."""
    return _in_session(_check)


@blueprint.post("/change")
def change() -> Response:
    """Return from the confirmation to the form."""
    return _in_session(_change)


@blueprint.post("/write")
def write() -> Response:
    """Save an entry for each card, and wake the worker, which sends them."""
    return _in_session(_write)


@blueprint.post("/progress")
def show_progress() -> Response:
    """Show the progress of a set."""
    return _in_session(lambda card, _words: _progress(card))


@blueprint.post("/undo")
def ask_to_undo() -> Response:
    """Ask for confirmation."""
    return _in_session(lambda card, _words: _progress(card, is_asking=True))


@blueprint.post("/undo/confirmed")
def undo() -> Response:
    """Delete all entries of a set."""
    return _in_session(_undo)


def session_of(person: Person) -> str:
    """The session token in links to these pages if there is no card."""
    return seal(SessionToken(PURPOSE, person.portal.member_id, person.bitrix_id, origin=frame_origin()))


def _in_session(answer: card_session.Answer) -> Response:
    return in_session(answer, composer.show_orphaned, _opened)


def _opened() -> CardSession:
    """The card session that somebody comes from, or one without a card."""
    try:
        return card_session.opened()
    except SessionExpired:
        token = unseal(request.form.get("session", ""), PURPOSE)
        return CardSession(portals.find_person(database(), token.member_id, token.person_id), NO_CARD, "")


def _show(card: CardSession, words: Typed) -> Response:
    keep_typed(card, words)
    if card.entity == NO_CARD and (kept := drafts.of_card(database(), card.person, NO_CARD)):
        words = replace(words, draft=kept[0].draft, form=drafts.Form(continued=kept[0].mark))
    return _form(card, words, choosing.of_card(card, words.draft.also_on))


def _change(card: CardSession, words: Typed) -> Response:
    return _form(card, words, replace(choosing.read(card.person.portal), error=""))


def _check(card: CardSession, words: Typed) -> Response:
    keep_typed(card, words)
    choice = choosing.read(card.person.portal)
    if refused := _refused(card, words, choice):
        return refused
    try:
        names = choosing.names_of(card.person, {one.entity: one.name for one in choice.cards})
    except (CallFailed, PairDead) as failure:
        return _form(card, words, choice, history.failed(failure))
    there = [NamedCard(one, name) for one, name in names.items() if name is not None]
    if not there:
        return _form(card, words, choice, _nobody_there())
    return _question(card, words, there, [NamedCard(one, "") for one, name in names.items() if name is None])


def _write(card: CardSession, words: Typed) -> Response:
    choice = choosing.read(card.person.portal)
    cards = [one.entity for one in choice.cards]
    # Later changes do not affect a set that is already saved.
    if set_id := sets.written(database(), card.person, cards, words.draft, words.form_key):
        return _progress(card, set_id)
    if refused := _refused(card, words, choice):
        return refused
    more = extras.of_draft(card, words.draft)
    drafts.drop(database(), card.person, card.entity, words.form)
    key = words.form_key or composer.new_form_key()
    moment = {"happened_at": more["happened_at"], "prefix": more["prefix"]}
    set_id = sets.write(database(), card.person, cards, words.draft, key, **moment)
    context().queue.wake(card.person.portal_id)
    return _progress(card, set_id)


def _undo(card: CardSession, _words: Typed) -> Response:
    sets.undo(database(), card.person, _set_id())
    return _progress(card)


def _refused(card: CardSession, words: Typed, choice: Choice) -> Response | None:
    """The form with its problems, if nothing can be saved."""
    if not writers.may_write_now(database(), b24(), card.person, card.writers):
        return _form(card, words, choice, outcomes.with_words_kept(outcomes.not_a_writer(card.writers)))
    found = outcomes.field_errors(entries.problems(words.draft, {icon.code for icon in card.icons.offered}))
    numbers = choice.error or _too_many(card, choice)
    errors = ({"numbers": numbers} if numbers else {}) | found | extras.errors(card, words.draft)
    return _form(card, words, choice, outcomes.invalid(errors), errors) if errors else None


def _too_many(card: CardSession, choice: Choice) -> str:
    """The sentence for somebody with very many entries that have still to be sent, whatever keeps them waiting."""
    if sets.count_waiting(database(), card.person) + len(choice.cards) <= sets.MOST_WAITING:
        return ""
    return _("Very many of your entries have still to be sent. Write on more cards once they are on their timelines.")


def _nobody_there() -> Outcome:
    sentence = _("None of these cards exists, or you may not see any of them.")
    return Outcome(OutcomeKind.INVALID, 422, _("Nothing was sent yet"), sentence)


def _form(
    card: CardSession,
    words: Typed,
    choice: Choice,
    outcome: Outcome | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    offer = IconOffer(card)
    chosen = words.draft.icon_code or offer.usual
    return _page(
        card,
        "form",
        outcome,
        form=_fields(words, chosen) | {"errors": errors or {}},
        cards=choosing.rows(choice.ticked, frame.portal_origin(card.person.portal)),
        choice=choice,
        kinds=choosing.kinds(choice.kind),
        icons=tiles(offer.arranged, chosen),
        recent=len(offer.recent),
        groups=card.icons.groups,
        limits={"title": LONGEST_TITLE, "text": LONGEST_TEXT},
        most_cards=sets.MOST_CARDS,
        extras=card.extras,
        can_write=card.writers.include(card.person) and bool(offer.choices),
        earlier=progress.listed(card.person),
    )


def _question(card: CardSession, words: Typed, cards: Sequence[NamedCard], missing: Sequence[NamedCard]) -> Response:
    """The confirmation: a preview, the number of cards, and the missing ones."""
    origin = frame.portal_origin(card.person.portal)
    shown = replace(words.draft, text=extras.text_of(card, words.draft))
    return _page(
        card,
        "question",
        form=_fields(words, words.draft.icon_code),
        cards=choosing.rows(cards, origin),
        missing=choosing.rows(missing, origin),
        preview=shown_entries.of_draft(card.person, shown, card.icons.listed),
    )


def _progress(card: CardSession, set_id: int = 0, *, is_asking: bool = False) -> Response:
    found = sets.find(database(), card.person, set_id or _set_id())
    if found is None:
        return _form(card, Typed(Draft(), ""), choosing.of_card(card, ()), outcomes.no_such_entry())
    told = progress.told(found, card, _names_of_refused(found, card.person))
    return _page(card, "progress", set=told, is_asking=is_asking and not found.is_undone)


def _names_of_refused(found: EntrySet, person: Person) -> dict[Entity, str | None]:
    """Ask the portal for the names of refused cards, once the set is settled; empty if it does not answer."""
    if not found.is_settled:
        return {}
    try:
        return choosing.names_of(person, {one.card: "" for one in found.having(Fate.REFUSED, Fate.KEPT)})
    except (CallFailed, PairDead):
        return {}


def _page(card: CardSession, template: str, outcome: Outcome | None = None, **words: object) -> Response:
    """Render a page; ``session`` leads back to the card that somebody came from, if any."""
    has_card = card.entity != NO_CARD
    told = {"session": card.session if has_card else session_of(card.person), "has_card": has_card, "outcome": outcome}
    status = outcome.status if outcome else 200
    return frame.page_for(card.person.portal, f"several/{template}.html", status, **told, **words)


def _fields(words: Typed, icon: str) -> dict[str, object]:
    draft = words.draft
    return {
        "icon": icon,
        "title": draft.title,
        "text": draft.text,
        "happened": draft.happened,
        "form_key": words.form_key or composer.new_form_key(),
        "continued": words.form.continued,
        "errors": {},
    }


def _set_id() -> int:
    number = request.form.get("set", "")
    return int(number) if re.fullmatch("[1-9][0-9]{0,17}", number, re.ASCII) else 0
