"""Searches the entries of a card; shown in place of the entries beside the composer's form."""

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from b24app.context import b24, database
from b24app.i18n import gettext as _
from b24app.i18n import ngettext, written
from b24app.services.delivery import entries, entry_search
from b24app.services.delivery.entry_search import MOST_FOUND, Found, Wanted
from b24app.web import composer, shown_entries
from b24app.web.card_session import CardSession, Typed, has_fields, in_card_session, keep_typed
from b24app.web.composer import Filled, History
from b24app.web.shown_entries import HistoryItem

blueprint = Blueprint("entry_search", __name__, url_prefix="/history/search")

LONGEST = 255
# The composer's fields, which a search without script keeps.
WORDS = ("title", "text", "icon", "happened", "also_on", "related", "corrects")
CARRIED = ("form_key", "continued", "first_icon", *WORDS)


@blueprint.post("")
def search() -> Response:
    """Show the search form, and what was found once something was typed."""
    return in_card_session(_search, composer.show_orphaned)


def _search(card: CardSession, words: Typed) -> Response:
    keep_typed(card, words)
    wanted = Wanted(*(_typed(name) for name in ("find_words", "find_person", "find_icon")))
    found = entry_search.search(database(), b24(), card.person, card.entity, wanted) if wanted else None
    is_reader = not (card.writers.include(card.person) or has_fields())
    shown = _shown(card, found) if found else []
    html = render_template(
        "_search.html",
        card_session=card.session,
        wanted=wanted,
        icons=sorted(card.icons.listed.values(), key=lambda icon: icon.name.casefold()),
        carried=list(_carried()),
        rows=shown_entries.rows(shown[:MOST_FOUND], is_reader=is_reader),
        told=_told(found, len(shown)) if found else None,
    )
    history = History([], search=Markup(html))  # noqa: S704 - a template escapes
    return composer.show(card, history, Filled(words.draft, words.form_key))


def _typed(name: str) -> str:
    return request.form.get(name, "").replace("\x00", " ").strip()[:LONGEST]


def _carried() -> Iterator[tuple[str, str]]:
    """The fields of the composer to keep; none for a page without fields."""
    for name in CARRIED if has_fields() else ():
        for value in request.form.getlist(name):
            yield name, value


def _shown(card: CardSession, found: Found) -> list[HistoryItem]:
    """The entries found, the newest first."""
    icons, person = card.icons.listed, card.person
    known = entries.by_bitrix_id(database(), person.portal_id, [row.id for row in found.listed])
    listed = shown_entries.of_portal(person, found.listed, known, found.names, icons, card.entity)
    return sorted(
        [*listed, *shown_entries.of_ours(person, found.ours, icons)], key=lambda item: item.created_at, reverse=True
    )


def _told(found: Found, count: int) -> dict[str, str]:
    """A sentence on how many entries were found, and what was searched."""
    told = ngettext("%(count)s entry found", "%(count)s entries found", count) % {"count": written(count)}
    if count > MOST_FOUND:
        told = _("%(count)s entries found; these are the latest %(shown)s.") % {
            "count": written(count),
            "shown": written(MOST_FOUND),
        }
    return {"count": told, "scope": _scope(found)}


def _scope(found: Found) -> str:
    numbers = {"listed": written(found.count_listed or 0), "ours": written(found.count_ours)}
    if found.count_listed is None:
        return _("Bitrix24 did not say what is on the timeline. Your own entries were searched: %(ours)s.") % numbers
    if found.is_whole:
        return _("All entries on this card were searched.")
    return _("The latest entries were searched: %(listed)s of the timeline, and %(ours)s more of Logbook.") % numbers
