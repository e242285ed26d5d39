"""The icons of a portal: those it lists, those offered to people, and those a person has used."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, select
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
# A portal may list any number; no page could show them all.
MOST_KEPT = 300
# How many of a person's latest entries decide which icons are offered first.
LOOKED_AT = 50
# The prefix of icons that administrators add here; all applications of a portal share its codes.
PREFIX = "logbook-"

# A command in a batch that is sent anyway, so pickers are always current.
QUESTION = {"icons": list_icons()}


@dataclass(frozen=True)
class Choices:
    """The administrators' choices. Codes that the portal no longer lists stay, since they may come back.

    Icons that ``order`` does not name follow in the portal's order; ``names`` are those of icons added here.
    """

    hidden: frozenset[str] = frozenset()
    order: tuple[str, ...] = ()
    default: str = ""
    # Choices that differ only in names have equal hashes; equality distinguishes them.
    names: Mapping[str, str] = field(default_factory=dict, hash=False)

    def as_map(self) -> dict[str, Any]:
        """The form in which the section is saved."""
        return {
            "hidden": sorted(self.hidden),
            "order": list(self.order),
            "default": self.default,
            "names": dict(sorted(self.names.items())),
        }


def learn(portal: Portal, answers: Answers) -> None:
    """Store what the portal lists; an unreadable answer changes nothing."""
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
    """Whether an answer lists exactly what is stored; checking this is faster than parsing the answer."""
    rows = answer.get("icons") if isinstance(answer, dict) else answer
    if portal.has_more_icons or not isinstance(rows, list):
        return False
    try:
        return [[row["code"], row.get("fileUri") or ""] for row in rows] == portal.icons
    except (LookupError, TypeError, AttributeError):
        return False


def _first(icons: Sequence[Icon]) -> list[Icon]:
    """At most MOST_KEPT icons in their order; those added here are never left out."""
    if len(icons) <= MOST_KEPT:
        return list(icons)
    kept = sorted(icons, key=lambda icon: not icon.code.startswith(PREFIX))[:MOST_KEPT]
    codes = {icon.code for icon in kept}
    return [icon for icon in icons if icon.code in codes]


def listed(portal: Portal) -> list[Icon]:
    """The stored icons in the portal's order, at most MOST_KEPT; empty if it has not listed any yet."""
    return [Icon(code, file_uri) for code, file_uri in portal.icons or []]


def read(session: Session, portal_id: int) -> tuple[Choices, int]:
    """The choices and the version of the section."""
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
    """The icons offered to people, in the administrators' order."""
    choices, _version = read(session, portal.id)
    return shown(listed(portal), choices)


def shown(icons: Iterable[Icon], choices: Choices) -> list[Icon]:
    """Icons without the hidden ones, or all if every icon is hidden, since an entry needs an icon."""
    in_order = arranged(icons, choices)
    return [icon for icon in in_order if icon.code not in choices.hidden] or in_order


def arranged(icons: Iterable[Icon], choices: Choices) -> list[Icon]:
    """Icons in the administrators' order; new ones come last."""
    places = {code: place for place, code in enumerate(choices.order)}
    return sorted(icons, key=lambda icon: places.get(icon.code, len(places)))


def revised(
    before: Choices, icons: Sequence[Icon], *, order: Iterable[str], offered: Collection[str], default: str
) -> Choices:
    """The choices of a form, based on ``before``: ``order`` are the codes that it showed, ``offered`` those ticked."""
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
    """The problems that keep choices from being saved: nothing ``offered``, or a hidden ``default``."""
    open_codes = {icon.code for icon in icons} - choices.hidden
    is_default_hidden = choices.default in choices.hidden
    found = {"offered": "" if open_codes else "none", "default": "hidden" if is_default_hidden else ""}
    return {name: problem for name, problem in found.items() if problem}


def recent(session: Session, person: Person) -> list[str]:
    """The icon codes of this person's latest entries, the latest first."""
    statement = _latest_codes(session.get_bind().dialect.name)
    return statement.scalars(session, {"portal_id": person.portal_id, "person_id": person.id})


@cache
def _latest_codes(dialect: str) -> Prepared:
    of_person = Lead((LogEntry.portal_id, LogEntry.person_id), (bindparam("portal_id"), bindparam("person_id")))
    entries = of_person.narrow_for(dialect, select(LogEntry.icon_code, LogEntry.id), LogEntry.id)
    latest = entries.limit(LOOKED_AT).subquery().c
    # Grouped by the database: between any two rows that it returns, threads take turns.
    return Prepared(
        select(latest.icon_code).group_by(latest.icon_code).order_by(func.max(latest.id).desc()).limit(RECENT)
    )


def _with_unseen(order: Sequence[str], before: Sequence[str]) -> list[str]:
    """Add the codes that the form did not show, each after the one that it followed in ``before``."""
    whole = list(order)
    for place, code in enumerate(before):
        if code not in whole:
            whole.insert(whole.index(before[place - 1]) + 1 if place else 0, code)
    return whole
