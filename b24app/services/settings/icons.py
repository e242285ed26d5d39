"""The icons of a portal: which it lists, which of them people are offered, and with which somebody has written."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from b24app.bitrix24.calls import Answers
from b24app.bitrix24.icons import Icon, list_icons, read_icons
from b24app.errors import LogbookError
from b24app.models import LogEntry, Person, Portal
from b24app.prepared import Prepared
from b24app.services.paging import Lead
from b24app.services.settings import settings
from b24app.services.settings.settings import Saved, Section

RECENT = 7
# A portal may list any number, for which no page has room and nobody patience.
MOST_KEPT = 300
# Icons that a person used longer ago than this many entries are not offered first.
LOOKED_AT = 200
# The codes of icons that administrators add here begin like this; codes are one namespace for the whole portal.
PREFIX = "logbook-"

# A command in a batch that is sent anyway costs no request, and a picker is never older than its page.
QUESTION = {"icons": list_icons()}


@dataclass(frozen=True)
class Choices:
    """What administrators have chosen. Codes that the portal does not list any more are kept: they may come back.

    What ``order`` does not name comes after it, as the portal lists it; ``names`` are those of the icons that were
    added here.
    """

    hidden: frozenset[str] = frozenset()
    order: tuple[str, ...] = ()
    default: str = ""
    # Of two choices that differ in their names alone the hash is the same, and equality tells them apart.
    names: Mapping[str, str] = field(default_factory=dict, hash=False)

    def as_map(self) -> dict[str, Any]:
        """As the section is saved."""
        return {
            "hidden": sorted(self.hidden),
            "order": list(self.order),
            "default": self.default,
            "names": dict(sorted(self.names.items())),
        }


def learn(portal: Portal, answers: Answers) -> None:
    """Remember what the portal lists; an answer that cannot be read leaves what is known."""
    try:
        if _is_known(portal, answers["icons"]):
            return
        icons = read_icons(answers["icons"])
    except LogbookError:
        return
    kept = _first(icons)
    listed = [[icon.code, icon.file_uri] for icon in kept]
    if listed != portal.icons:
        portal.icons, portal.icons_read_at = listed, datetime.now(UTC)
    portal.has_more_icons = len(icons) > len(kept)


def _is_known(portal: Portal, answer: Any) -> bool:
    """Whether an answer lists exactly what is kept, which is found out faster than what it says is read."""
    rows = answer.get("icons") if isinstance(answer, dict) else answer
    if portal.has_more_icons or not isinstance(rows, list):
        return False
    try:
        return [[row["code"], row.get("fileUri") or ""] for row in rows] == portal.icons
    except (LookupError, TypeError, AttributeError):
        return False


def _first(icons: Sequence[Icon]) -> list[Icon]:
    """In their own order; those that were added here are never among the ones left out."""
    if len(icons) <= MOST_KEPT:
        return list(icons)
    kept = sorted(icons, key=lambda icon: not icon.code.startswith(PREFIX))[:MOST_KEPT]
    codes = {icon.code for icon in kept}
    return [icon for icon in icons if icon.code in codes]


def listed(portal: Portal) -> list[Icon]:
    """In the portal's own order, at most MOST_KEPT; empty while it has listed none."""
    return [Icon(code, file_uri) for code, file_uri in portal.icons or []]


def read(session: Session, portal_id: int) -> tuple[Choices, int]:
    """What is chosen, and the version of the section."""
    saved = settings.read(session, portal_id, Section.ICONS)
    return of(saved), saved.version


def of(saved: Saved) -> Choices:
    chosen = saved.choices or {}
    return Choices(
        hidden=frozenset(chosen.get("hidden", [])),
        order=tuple(chosen.get("order", [])),
        default=chosen.get("default", ""),
        names=chosen.get("names", {}),
    )


def offered(session: Session, portal: Portal) -> list[Icon]:
    """Those that people may choose, in the administrators' order."""
    choices, _version = read(session, portal.id)
    return shown(listed(portal), choices)


def shown(icons: Iterable[Icon], choices: Choices) -> list[Icon]:
    """Without the hidden ones; where nothing else is left, with them, for nobody can write without an icon."""
    in_order = arranged(icons, choices)
    return [icon for icon in in_order if icon.code not in choices.hidden] or in_order


def arranged(icons: Iterable[Icon], choices: Choices) -> list[Icon]:
    """In the administrators' order; what is new comes last."""
    places = {code: place for place, code in enumerate(choices.order)}
    return sorted(icons, key=lambda icon: places.get(icon.code, len(places)))


def revised(
    before: Choices, icons: Sequence[Icon], *, order: Iterable[str], offered: Collection[str], default: str
) -> Choices:
    """What a form says, on top of ``before``: ``order`` are the codes that it showed, ``offered`` those ticked."""
    natural = [icon.code for icon in icons]
    ordered = [code for code in dict.fromkeys(order) if code in natural]
    whole = _with_unseen(ordered, before.order)
    is_default_unseen = not default and before.default not in natural
    return Choices(
        hidden=(before.hidden - set(ordered)) | (set(ordered) - set(offered)),
        order=() if whole == natural else tuple(whole),
        default=before.default if is_default_unseen else default,
        names=before.names,
    )


def problems(choices: Choices, icons: Iterable[Icon]) -> dict[str, str]:
    """What keeps choices from being saved: ``offered`` is none, ``default`` is hidden."""
    open_codes = {icon.code for icon in icons} - choices.hidden
    is_default_hidden = choices.default in choices.hidden
    found = {"offered": "" if open_codes else "none", "default": "hidden" if is_default_hidden else ""}
    return {name: problem for name, problem in found.items() if problem}


def recent(session: Session, person: Person) -> list[str]:
    """The icon codes that this person has used, the latest first, read from their latest entries."""
    statement = _latest_codes(session.get_bind().dialect.name)
    rows = statement.rows(session, {"portal_id": person.portal_id, "person_id": person.id})
    return list(dict.fromkeys(str(code) for (code,) in rows))[:RECENT]


@cache
def _latest_codes(dialect: str) -> Prepared:
    of_person = Lead((LogEntry.portal_id, LogEntry.person_id), (bindparam("portal_id"), bindparam("person_id")))
    return Prepared(of_person.narrow_for(dialect, select(LogEntry.icon_code), LogEntry.id).limit(LOOKED_AT))


def _with_unseen(order: Sequence[str], before: Sequence[str]) -> list[str]:
    """The codes of ``before`` that the form did not show keep their place behind the one that they stood behind."""
    whole = list(order)
    for place, code in enumerate(before):
        if code not in whole:
            whole.insert(whole.index(before[place - 1]) + 1 if place else 0, code)
    return whole
