"""What the portal draws, and what our script stores for the next request: for a form, readers and refusals."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any

from flask import Response, request

from b24app.codes import OutcomeKind
from b24app.context import config
from b24app.current_request import request_id
from b24app.errors import SessionExpired
from b24app.i18n import gettext as _
from b24app.i18n import language, moment, zone_of
from b24app.web import also_on, composer, frame, outcomes, refusals
from b24app.web.card_kinds import kind_of, name_of
from b24app.web.card_session import CardSession, has_fields
from b24app.web.composer import Filled
from b24app.web.icons import IconChoice
from b24app.web.native import blocks
from b24app.web.native.blocks import Block, Blocks
from b24app.web.native.pictures import address_of_glyph
from b24app.web.offered_icons import IconOffer
from b24app.web.outcomes import Outcome
from b24app.web.refusals import Refusal
from b24app.web.request_language import FIELD
from b24app.web.urls import address_of

PATH = "/native"
LOOKS = {
    OutcomeKind.POSTED: "success",
    OutcomeKind.INSERTED: "primary",
    OutcomeKind.QUEUED: "warning",
}
# What the first button does.
POST, OPEN = "post", "open"


@dataclass(frozen=True)
class Drawing:
    """``notice`` is shown above the form; without ``blocks``, the current form stays.

    ``kind`` is open, or that of an outcome or a refusal; ``again`` is what the first button does: post the form, or
    open it again. ``form`` is sent back with each request, ``values`` are the form's content, ``pictures`` the icons'.
    """

    kind: str
    status: int = 200
    notice: Block | None = None
    again: str = POST
    blocks: Blocks | None = None
    form: dict[str, str | list[str]] = field(default_factory=dict)
    values: dict[str, str | list[str]] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)
    # The origin of the page around the frame, once it is proved.
    origin: str = ""


def is_native() -> bool:
    """Whether this request comes from the hidden frame, even if it is invalid."""
    return request.method == "POST" and f"{request.path}/".startswith(f"{PATH}/")


def of_form(card: CardSession, filled: Filled) -> Drawing:
    """Draw the form with its outcome; for people who may not write, only a notice."""
    if not (card.writers.include(card.person) or has_fields()):
        refusal = outcomes.not_a_writer(card.writers)
        return _only(card, refusal.heading, [refusal.sentence, refusal.advice])
    offer = IconOffer(card)
    if not offer.choices:
        sentence = _("This Bitrix24 lists no timeline icons, and an entry needs one.")
        return _only(card, _("No icon to choose from"), [sentence])
    icon = filled.draft.icon_code if filled.draft.icon_code in card.icons.codes else offer.usual
    return Drawing(
        filled.outcome.kind.value if filled.outcome else "open",
        filled.outcome.status if filled.outcome else 200,
        _notice(card, filled),
        blocks=_fields(card, filled, offer, icon),
        form=_form(card, filled, offer),
        values={
            "icon": icon,
            "title": filled.draft.title,
            "text": filled.draft.text,
            "also_on": [*filled.draft.also_on],
        },
        pictures={one.code: _picture(one) for one in offer.choices},
        origin=_origin(card),
    )


def of_orphan(outcome: Outcome) -> Drawing:
    """Draw for somebody we can no longer identify: their text stays in the form, which can be opened again."""
    again = _("Press “%(button)s”, then post.") % {"button": _("Try again")}
    advice = again if outcome.kind == OutcomeKind.EXPIRED else outcome.advice
    said = blocks.notice("danger", outcome.heading, [outcome.sentence, advice])
    return Drawing(outcome.kind.value, outcome.status, said, OPEN)


def of_refusal(refusal: Refusal) -> Drawing:
    said = blocks.notice("danger", refusal.heading, [refusal.sentence, refusal.advice, _request()])
    return Drawing(refusal.kind, refusal.status, said, OPEN if request.path == PATH else POST)


def show(drawing: Drawing) -> Response:
    """Answer our script, which is loaded already."""
    return Response(json.dumps(asdict(drawing)), drawing.status, mimetype="application/json")


def refuse(refusal: Refusal) -> Response:
    """Answer our script with a refusal, or with a page that loads it and can also be read by itself."""
    if wants_drawing():
        return show(of_refusal(refusal))
    words = {"frame": {"portal_origin": "*"}, "drawing": start(of_refusal(refusal)), "refusal": refusal}
    return frame.page_for_anyone("refusal.html", refusal.status, **words)


def wants_drawing() -> bool:
    return request.headers.get("X-Answer") == "layout"


def start(drawing: Drawing) -> str:
    """The data for the page's script: its first drawing, URLs and sentences."""
    outdated = refusals.of(SessionExpired())
    unanswered = [
        _("What you typed is still here."),
        _("Check your connection and post again. As long as you change nothing, it cannot appear twice."),
    ]
    told: dict[str, Any] = {
        **asdict(drawing),
        "words": {
            "post": _("Post"),
            "busy": _("Posting…"),
            "open": _("Try again"),
            "close": _("Close"),
            "kept": _("Draft kept"),
        },
        "unanswered": blocks.notice("danger", _("Logbook did not answer"), unanswered),
        "unopened": blocks.notice("danger", _("Logbook did not answer"), [_("Try again in a minute.")]),
        "outdated": blocks.notice("danger", outdated.heading, [outdated.advice]),
        "plain": blocks.text(_("This Bitrix24 cannot show the form here. Use the tab of Logbook.")),
        "marks": [blocks.MARKS[False], blocks.MARKS[True]],
        "addresses": {
            name: address_of(endpoint)
            for name, endpoint in {
                "open": "native.pages.open_form",
                "post": "native.pages.post",
                "insert": "native.pages.insert",
                "keep": "entries.keep",
            }.items()
        },
    }
    return json.dumps(told)


def _only(card: CardSession, heading: str, lines: list[str]) -> Drawing:
    """Draw no form, only the reason."""
    said = blocks.notice("warning", heading, lines)
    return Drawing("refused", 200, said, OPEN, {}, {"session": card.session}, origin=_origin(card))


def _origin(card: CardSession) -> str:
    return frame.portal_origin(card.person.portal)


def _notice(card: CardSession, filled: Filled) -> Block | None:
    if outcome := filled.outcome:
        is_plain = outcome.kind in LOOKS or outcome.kind == OutcomeKind.INVALID
        lines = [outcome.sentence, outcome.advice, "" if is_plain else _request()]
        look = "warning" if outcome.keeps_words else LOOKS.get(outcome.kind, "danger")
        return blocks.notice(look, outcome.heading, lines)
    if filled.kept_at is None:
        return None
    kept_at = moment(filled.kept_at.astimezone(zone_of(card.person.time_zone)))
    line = _("This is your draft of %(moment)s. It is kept for 14 days.") % {"moment": kept_at}
    return {"type": "section", "properties": {"type": "primary", "blocks": {"line": blocks.text(line, size="sm")}}}


def _fields(card: CardSession, filled: Filled, offer: IconOffer, icon: str) -> Blocks:
    """The form's fields; their names are new each time, since portals keep the content of a field of the same name."""
    turn, draft, errors = secrets.token_hex(3), filled.draft, filled.errors
    names = {one.code: one.name for one in offer.arranged}
    icons = blocks.choice(_("Icon"), names, icon, errors.get("icon", ""))
    shown: Blocks = {"picture": blocks.beside_picture(_picture(card.icons.listed[icon]), {f"icon-{turn}": icons})}
    if card.templates:
        offered = {"": _("Choose a template"), **{one.id: one.name for one in card.templates}}
        shown[f"template-{turn}"] = blocks.choice(_("Templates"), offered, "")
    shown[f"title-{turn}"] = blocks.field("input", _("Title"), draft.title, errors.get("title", ""))
    shown[f"text-{turn}"] = blocks.field("textarea", _("Text"), draft.text, errors.get("text", ""))
    if cards := _cards(card):
        shown["also_on"] = blocks.options(_("Also on"), cards, draft.also_on)
    # The script fills it in once a draft is saved.
    shown["kept"] = blocks.text("", size="sm")
    return shown


def _cards(card: CardSession) -> dict[str, str]:
    """The related cards, by their values in a form."""
    offered = card.related if card.extras.has_related else ()
    return {
        also_on.written(one.entity): f"{one.name or name_of(one.entity)} · {kind_of(one.entity.type_id)}"
        for one in offered
    }


def _form(card: CardSession, filled: Filled, offer: IconOffer) -> dict[str, str | list[str]]:
    """The hidden fields of the composer's form, with the same names."""
    return {
        "session": card.session,
        "form_key": filled.form_key or composer.new_form_key(),
        FIELD: language(),
        "continued": filled.continued,
        "first_icon": composer.first_icon(filled, offer),
        "related": _related(card),
    }


def _related(card: CardSession) -> list[str]:
    return [f"{also_on.written(one.entity)} {one.name}" for one in card.related]


def _picture(icon: IconChoice) -> str:
    return icon.picture or f"{config().app_url}{address_of_glyph(icon.glyph)}"


def _request() -> str:
    """The line with the request id, for support."""
    words = _("Request <code>%(id)s</code>; give it to the people who run Logbook.") % {"id": request_id.get()}
    return words.replace("<code>", "").replace("</code>", "")
