"""The composer: one page for opening a card's tab and for every action in it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from flask import Response, request
from markupsafe import Markup

from b24app.context import database
from b24app.errors import NotInstalled, SessionExpired
from b24app.i18n import gettext as _
from b24app.i18n import moment, zone_of
from b24app.models import Portal
from b24app.services import text_rules
from b24app.services.delivery import drafts, entries, preview
from b24app.services.delivery.drafts import Kept
from b24app.services.delivery.entries import LONGEST_TEXT, LONGEST_TITLE, Draft
from b24app.services.settings.extras import Extras
from b24app.web import extras, frame, outcomes, shown_entries
from b24app.web.card_kinds import kind_of, name_of
from b24app.web.card_session import CardSession, Typed, as_number, has_fields
from b24app.web.icon_names import KNOWN
from b24app.web.icons import icon_choice, tiles
from b24app.web.offered_icons import IconOffer
from b24app.web.outcomes import Outcome
from b24app.web.page_cache import own
from b24app.web.shown_entries import HistoryItem
from b24app.web.urls import address_of

LONGEST_GLIMPSE = 80
LIMITS = {"title": LONGEST_TITLE, "text": LONGEST_TEXT}


@dataclass(frozen=True)
class Filled:
    """The form's content and messages about it; the key is empty if the form has not been sent yet.

    ``is_unfinished`` is about the installation, as reported by the portal when it opens the tab.
    """

    draft: Draft = field(default_factory=Draft)
    form_key: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    outcome: Outcome | None = None
    kept_at: datetime | None = None
    is_unfinished: bool = False
    # The mark of the draft shown in it.
    continued: str = ""
    # The card's other drafts; None if not read.
    others: list[Kept] | None = None


@dataclass(frozen=True)
class History:
    """The entries beside the form; ``older`` is where the next page begins, ``problem`` says what is missing."""

    items: list[HistoryItem]
    older: str = ""
    problem: str = ""
    is_past: bool = False
    # A search, shown in place of the entries.
    search: Markup | None = None

    def words(self, *, is_reader: bool) -> dict[str, object]:
        """For templates/_history.html."""
        rows = "\n".join(shown_entries.rows(self.items, is_reader=is_reader))
        shown = {"rows": own(Markup(rows)), "older": own(self.older)}  # noqa: S704 - each is a template's
        return {**shown, "problem": own(self.problem), "is_past": self.is_past, "search": own(self.search)}


class Chip(NamedTuple):
    """An administrator's template, as one button."""

    id: str
    name: str


def new_form_key() -> str:
    return secrets.token_urlsafe(16)


def filled_with(kept: list[Kept], title: str = "") -> Filled:
    """A form with the first draft, or else with the title; the other drafts are offered."""
    if not kept:
        return Filled(Draft(title=text_rules.one_line(title)[:LONGEST_TITLE]), others=[])
    return Filled(kept[0].draft, kept_at=kept[0].saved_at, continued=kept[0].mark, others=kept[1:])


@dataclass(frozen=True)
class Page:
    """The composer with all its data; rendering needs no database."""

    portal: Portal
    status: int
    words: Mapping[str, object]

    def show(self) -> Response:
        template = "answer.html" if wants_parts() else "composer.html"
        return frame.shared_page_for(self.portal, template, self.status, **self.words)


def wants_parts() -> bool:
    """Whether composer.js sent this request, which needs only the parts that change."""
    return request.headers.get("X-Answer") == "parts" and has_fields()


def _latest_shown() -> int:
    """The portal's number of the latest entry in the page of our script; 0 for a page that is loaded anew."""
    return int(as_number(request.form.get("shown", "")) or 0) if wants_parts() else 0


def show(card: CardSession, history: History, filled: Filled) -> Response:
    return page(card, history, filled).show()


def page(card: CardSession, history: History, filled: Filled) -> Page:
    """The composer for a proved person; without fields for readers, unless they have a form open already."""
    if not (card.writers.include(card.person) or has_fields()):
        return _page_for_reader(card, history, filled, outcomes.not_a_writer(card.writers))
    offer = IconOffer(card)
    chosen = filled.draft.icon_code or offer.usual
    said = {
        "form": _form(filled, session=card.session, icon=chosen, can_post=bool(offer.choices)),
        "first_icon": own(first_icon(filled, offer)),
        "drafts": _offered_drafts(card, filled),
    }
    if wants_parts():
        return _page(card, history, filled, **said)
    return _page(
        card,
        history,
        filled,
        **said,
        icons=own(tiles(offer.arranged, chosen)),
        recent=len(offer.recent),
        most_icons=len(offer.choices) if card.person.portal.has_more_icons else 0,
        groups=card.icons.groups,
        templates=[Chip(template.id, template.name) for template in card.templates],
        own_templates=[{"id": own(label.id), "name": own(label.name)} for label in card.own_templates],
        kept_at=own(filled.kept_at and moment(filled.kept_at.astimezone(zone_of(card.person.time_zone)))),
        preview=_preview(card, Draft(chosen, filled.draft.title, extras.text_of(card, filled.draft))),
        losses=preview.losses(filled.draft.title, filled.draft.text),
        limits=LIMITS,
        extras=card.extras,
        related=extras.related_to(card, filled.draft),
    )


def first_icon(filled: Filled, offer: IconOffer) -> str:
    """The icon that the form was opened with; choosing another one makes a draft."""
    if filled.form_key and filled.form_key == request.form.get("form_key"):
        return request.form.get("first_icon", "") or offer.usual
    is_fresh = not (filled.draft.title or filled.draft.text or filled.continued)
    return (is_fresh and filled.draft.icon_code) or offer.usual


def _offered_drafts(card: CardSession, filled: Filled) -> list[dict[str, object]]:
    """The card's other drafts, with their beginnings."""
    others = drafts.of_card(database(), card.person, card.entity) if filled.others is None else filled.others
    zone = zone_of(card.person.time_zone)
    return [
        {
            "id": own(kept.id),
            "glimpse": own(preview.as_shown(f"{kept.draft.title} {kept.draft.text}")[:LONGEST_GLIMPSE]),
            "iso": own(kept.saved_at.astimezone(zone).isoformat()),
            "moment": own(moment(kept.saved_at.astimezone(zone))),
        }
        for kept in others
        if kept.form_key != filled.form_key and (kept.draft.title or kept.draft.text)
    ]


def _preview(card: CardSession, draft: Draft) -> dict[str, object]:
    """What the timeline would show if this were posted now, for templates/_card.html."""
    return shown_entries.of_draft(card.person, draft, card.icons.listed).card_words


def _page_for_reader(card: CardSession, history: History, filled: Filled, refusal: Outcome) -> Page:
    """The entries, why the reader cannot write, and their earlier drafts, to be copied."""
    if not (filled.draft.title or filled.draft.text) and (kept := drafts.of_card(database(), card.person, card.entity)):
        filled = replace(filled, draft=kept[0].draft)
    form = _form(filled, session=card.session, icon="", can_post=False)
    return _page(card, history, filled, reader=refusal, form=form)


def _page(card: CardSession, history: History, filled: Filled, **words: object) -> Page:
    status = filled.outcome.status if filled.outcome else 200
    latest = max([_latest_shown(), *(item.bitrix_id or 0 for item in history.items)])
    said = {
        "latest": own(latest),
        "entity": {"kind": kind_of(card.entity.type_id), "name": own(card.entity_name or name_of(card.entity))},
        "outcome": _outcome(filled.outcome),
        "is_unfinished": filled.is_unfinished,
        "history": history.words(is_reader="reader" in words),
    }
    return Page(card.person.portal, status, {**said, **words})


def _outcome(outcome: Outcome | None) -> dict[str, object] | None:
    """The outcome for templates/_outcome.html; its sentences may quote what somebody wrote."""
    if outcome is None:
        return None
    words = {name: own(getattr(outcome, name)) for name in ("heading", "sentence", "advice", "entry_id")}
    pinned = [{"id": own(one.id), "title": own(one.title)} for one in outcome.pinned]
    pinning = outcome.pinning and {"id": own(outcome.pinning.id), "is_pinned": outcome.pinning.is_pinned}
    said = {"pinned": pinned, "pinning": pinning, "kind": outcome.kind, "keeps_words": outcome.keeps_words}
    return {**words, **said}


def show_with_ours(card: CardSession, filled: Filled) -> Response:
    """The composer with this person's own entries, which needs no call to the portal.

    Others' entries come only from the portal, which knows whether this person may read them. Our script gets only
    the entries that its page does not show yet.
    """
    ours = entries.of_person(database(), card.person, card.entity, after=_latest_shown())
    problem = _("These are your own entries; open the card again to see all.")
    return show(card, History(shown_entries.of_ours(card.person, ours, card.icons.listed), problem=problem), filled)


def show_orphaned(words: Typed, failure: SessionExpired | NotInstalled) -> Response:
    """The composer for somebody we can no longer identify: only the text that they typed."""
    draft = words.draft
    outcome = outcomes.expired() if isinstance(failure, SessionExpired) else outcomes.not_installed()
    filled = Filled(draft, words.form_key, outcome=outcome)
    chosen = [icon_choice(draft.icon_code, "", "")] if draft.icon_code in KNOWN else []
    return frame.shared_page_for_anyone(
        "composer.html",
        outcome.status,
        entity={"kind": _("Card"), "name": ""},
        icons=own(tiles(chosen, draft.icon_code)),
        recent=0,
        form=_form(filled, session="", icon=draft.icon_code, can_post=False),
        losses=[],
        limits=LIMITS,
        extras=Extras(has_moment=False),
        outcome=_outcome(outcome),
    )


def _form(filled: Filled, *, session: str, icon: str, can_post: bool) -> dict[str, object]:
    return {
        "action": address_of("entries.post"),
        "session": own(session),
        "form_key": own(filled.form_key or new_form_key()),
        "icon": own(icon),
        "continued": own(filled.continued),
        "title": own(filled.draft.title),
        "text": own(filled.draft.text),
        "happened": own(filled.draft.happened),
        "also_on": [own(number) for number in filled.draft.also_on],
        "corrects": own(filled.draft.corrects),
        "is_correcting": bool(filled.draft.corrects),
        "errors": dict(filled.errors),
        "can_post": can_post,
    }
