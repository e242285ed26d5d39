"""The pages of one text on several cards: a form, a question, and how far it is.

They are reached from the composer, with what is typed there, and from the application's own page.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import Blueprint, Response, request

from b24app.bitrix24 import card_names
from b24app.bitrix24.entities import Entity
from b24app.bitrix24.related import NamedCard
from b24app.codes import OutcomeKind
from b24app.context import b24, context, database
from b24app.errors import CallFailed, PairDead, SessionExpired
from b24app.i18n import gettext as _
from b24app.models import Person
from b24app.services.access import portals, tokens
from b24app.services.delivery import drafts, entries, sets
from b24app.services.delivery.entries import LONGEST_TEXT, LONGEST_TITLE, Draft
from b24app.services.settings import writers
from b24app.web import card_session, composer, extras, frame, history, items, outcomes
from b24app.web.card_session import CardSession, Typed, in_card_session, keep_typed
from b24app.web.icon_offer import IconOffer
from b24app.web.icons import tiles
from b24app.web.outcomes import Outcome
from b24app.web.sessions import SessionToken, frame_origin, seal, unseal
from b24app.web.several import choosing, progress
from b24app.web.several.choosing import Choice

blueprint = Blueprint("several", __name__, url_prefix="/several")

PURPOSE = "several"
# For somebody who does not come from a card.
NO_CARD = Entity(0, 0)


@blueprint.post("")
def show() -> Response:
    """The form, with what was typed in the composer, or with the draft that is kept for it."""
    return _in_session(_show)


@blueprint.post("/check")
def check() -> Response:
    """One request to the portal tells which of the cards are there, and what they are called; then the question."""
    return _in_session(_check)


@blueprint.post("/change")
def change() -> Response:
    """Back from the question to the form."""
    return _in_session(_change)


@blueprint.post("/write")
def write() -> Response:
    """Save an entry for each card, and wake the worker, which sends them."""
    return _in_session(_write)


@blueprint.post("/progress")
def show_progress() -> Response:
    """How far a set is."""
    return _in_session(lambda card, _words: _progress(card))


@blueprint.post("/undo")
def ask_to_undo() -> Response:
    """Ask for confirmation."""
    return _in_session(lambda card, _words: _progress(card, is_asking=True))


@blueprint.post("/undo/confirmed")
def undo() -> Response:
    """Take a whole set back."""
    return _in_session(_undo)


def session_of(person: Person) -> str:
    """What the way to these pages carries where there is no card."""
    return seal(SessionToken(PURPOSE, person.portal.member_id, person.bitrix_id, origin=frame_origin()))


def _in_session(answer: card_session.Answer) -> Response:
    return in_card_session(answer, composer.show_orphaned, _opened)


def _opened() -> CardSession:
    """The session of the card that somebody comes from, or one without a card."""
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
        names = _ask_for_names(card.person, choice)
    except (CallFailed, PairDead) as failure:
        return _form(card, words, choice, history.failed(failure))
    there = [NamedCard(one, name) for one, name in names.items() if name is not None]
    if not there:
        return _form(card, words, choice, _nobody_there())
    return _question(card, words, there, [NamedCard(one, "") for one, name in names.items() if name is None])


def _ask_for_names(person: Person, choice: Choice) -> dict[Entity, str | None]:
    """The cards by their names; None for those that are not there. Raises CallFailed or PairDead."""
    typed = {one.entity: one.name for one in choice.cards}
    asked = card_names.questions(typed)
    if not asked:
        return dict(typed)
    names = card_names.read(tokens.ask_all_as(database(), b24(), person, asked), typed)
    return {card: None if name is None else name or typed[card] for card, name in names.items()}


def _write(card: CardSession, words: Typed) -> Response:
    choice = choosing.read(card.person.portal)
    cards = [one.entity for one in choice.cards]
    # What was written already is not affected by what has changed since.
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
    """The form as it is shown again if nothing can be written."""
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
    """How the first one will look, on how many cards, and on which not."""
    origin = frame.portal_origin(card.person.portal)
    shown = replace(words.draft, text=extras.text_of(card, words.draft))
    return _page(
        card,
        "question",
        form=_fields(words, words.draft.icon_code),
        cards=choosing.rows(cards, origin),
        missing=choosing.rows(missing, origin),
        preview=items.of_draft(card.person, shown, card.icons.listed),
    )


def _progress(card: CardSession, set_id: int = 0, *, is_asking: bool = False) -> Response:
    found = sets.find(database(), card.person, set_id or _set_id())
    if found is None:
        return _form(card, Typed(Draft(), ""), choosing.of_card(card, ()), outcomes.no_such_entry())
    return _page(card, "progress", set=progress.told(found, card), is_asking=is_asking and not found.is_undone)


def _page(card: CardSession, template: str, outcome: Outcome | None = None, **words: object) -> Response:
    """``session`` leads back to the card that somebody came from, or to none."""
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
