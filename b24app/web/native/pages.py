"""The native composer: opening it, posting, and templates, with the same services as the tab."""

from collections.abc import Callable

from flask import Blueprint, Response

from b24app.context import b24, context, database
from b24app.errors import Malformed, SessionExpired
from b24app.i18n import gettext as _
from b24app.services.access import portals
from b24app.services.delivery import drafts, entries
from b24app.services.delivery.drafts import Kept
from b24app.web import composer, frame, opening, outcomes, templates
from b24app.web import entries as composer_pages
from b24app.web.card_session import CardSession, Typed, in_card_session
from b24app.web.composer import Filled
from b24app.web.home import belongs
from b24app.web.native import drawing
from b24app.web.native.drawing import Drawing

blueprint = Blueprint("pages", __name__, url_prefix=drawing.PATH)


@blueprint.get("")
def explain() -> Response:
    return belongs(_("Bitrix24 opens this address when somebody presses the button of Logbook above a timeline."))


@blueprint.post("")
def open_form() -> Response:
    """Open the hidden frame, or the form again for our script; one request to the portal, as for the tab."""
    call = frame.read_call()
    if call.entity is None:
        raise Malformed(field="PLACEMENT")
    if not call.is_native:
        # An older portal has forgotten that it should draw the form, and shows the frame.
        return composer_pages.open_composer()
    caller, answers = portals.prove(database(), b24(), call, opening.questions(call.entity))
    has_woken = opening.wake(caller.person, entries.beside(database(), caller.person, call.entity, []))
    try:
        card = opening.card_session(call, call.entity, caller, answers)
        kept = [one for one in drafts.of(caller.drafts, caller.person, call.entity) if _has_room_for(one)]
        opened = drawing.of_form(card, composer.filled_with(kept[:1]))
    finally:
        # Commit the caller's token pair even if the portal refuses the card.
        database().commit()
    if has_woken:
        context().queue.wake(caller.portal.id)
    return drawing.show(opened) if drawing.wants_drawing() else _page(card, opened)


@blueprint.post("/entries")
def post() -> Response:
    """Check, save and send an entry; a form posted twice makes one entry."""
    return _answer(composer_pages.posted)


@blueprint.post("/templates")
def insert() -> Response:
    """Insert one of the administrators' templates, without calling the portal."""
    return _answer(templates.inserted)


def _answer(fill: Callable[[CardSession, Typed], Filled]) -> Response:
    def drawn(card: CardSession, words: Typed) -> Response:
        return drawing.show(drawing.of_form(card, fill(card, words)))

    return in_card_session(drawn, _orphaned)


def _orphaned(_words: Typed, failure: Exception) -> Response:
    is_expired = isinstance(failure, SessionExpired)
    return drawing.show(drawing.of_orphan(outcomes.expired() if is_expired else outcomes.not_installed()))


def _has_room_for(kept: Kept) -> bool:
    """Whether the native form has fields for everything in a draft; otherwise the draft waits in the tab."""
    return not (kept.draft.happened or kept.draft.corrects)


def _page(card: CardSession, opened: Drawing) -> Response:
    """The frame's page. It is only visible if the portal does not draw the form, and then links to the composer."""
    return frame.page_for(card.person.portal, "native.html", drawing=drawing.start(opened), form=opened.form)
