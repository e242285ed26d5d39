"""The Faults page, with a button for each control, and the same over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request

from ..controls import CONTROLS, Control, ControlError, Given, dialects, find
from ..rest.registry import METHODS
from . import current_page

pages = Blueprint("faults", __name__)


@pages.get("/_box/faults")
@pages.get("/_box/weather", endpoint="earlier_address")
def faults() -> str:
    groups: dict[str, list[Control]] = {}
    for control in CONTROLS.values():
        groups.setdefault(control.group, []).append(control)
    names = ["*", *METHODS, "oauth/token"]
    dialect = current_page.portal().state.dialect.as_dict()
    chosen = {dialects.name_of(difference): value for difference, value in dialect.items()}
    return render_template("faults.html", groups=groups, report=report(), methods=names, chosen=chosen)


@pages.post("/_box/controls/<name>")
@pages.post("/_box/levers/<name>", endpoint="run_at_earlier_address")
def run(name: str) -> Any:
    """Runs a control from JSON or a form; browsers are redirected, programs get the active faults as JSON."""
    control = find(name)
    if control is None:
        names = sorted(CONTROLS)
        return jsonify(error=f"There is no control {name}.", **{request.path.split("/")[2]: names}), 404
    given = request.get_json(silent=True) if request.is_json else request.form
    try:
        control.action(Given(current_page.portal(), given if isinstance(given, Mapping) else {}))
    except ControlError as error:
        return jsonify(error=str(error)), 400
    if "text/html" in request.headers.get("Accept", ""):
        return redirect("/_box/faults", 303)
    return jsonify(report())


@pages.get("/_box/state")
def state() -> Any:
    """The portal's state for programs; `readings` and `weather` are earlier names of `dialect` and `faults`."""
    portal = current_page.portal()
    dialect, active = portal.state.dialect.as_dict(), report()
    return jsonify(
        name=portal.name,
        kind=portal.kind,
        url=portal.url,
        member_id=portal.member_id,
        authority_url=portal.authority.url,
        people=[person.__dict__ for person in portal.people],
        dialect=dialect,
        faults=active,
        readings=dialect,
        weather=active,
        placements=[{"placement": row.code, "handler": row.handler} for row in portal.placements],
        events=[{"event": row.event, "handler": row.handler} for row in portal.event_handlers],
    )


def report() -> dict[str, list[str]]:
    """The active faults, in sentences."""
    portal = current_page.portal()
    return {
        "portal": [*(effect.sentence for effect in portal.faults.effects), *portal_sentences()],
        "authority": [*(effect.sentence for effect in portal.box.faults.effects), *authority_sentences()],
        "events": event_sentences(),
    }


def portal_sentences() -> list[str]:
    faults, people = current_page.portal().faults, current_page.portal().people
    found = [f"{person.full_name} is dismissed" for person in people if not person.is_active]
    if faults.bucket:
        found.append(f"{faults.bucket.burst} requests at once, then {faults.bucket.per_second:g} a second")
    if faults.operating_limit_seconds is not None:
        found.append(f"each method may work for {faults.operating_limit_seconds:g} s in ten minutes")
    found += [f"{method} counts as {seconds:g} s of work" for method, seconds in faults.slow_methods.items()]
    if faults.is_plan_lapsed:
        found.append("the commercial plan has lapsed")
    for installation in current_page.portal().state.installations.values():
        for number in installation.withdrawn_from:
            person = current_page.portal().state.person(number)
            found.append(f"{person.full_name if person else number} has no access to {installation.client_id}")
    return found


def authority_sentences() -> list[str]:
    authority = current_page.portal().authority
    found = [f"renewal is refused with {authority.renewal_refusal}"] if authority.renewal_refusal else []
    if authority.refresh_uses_allowed != 1:
        found.append(f"a refresh token works {authority.refresh_uses_allowed} times")
    return found


def event_sentences() -> list[str]:
    events = current_page.portal().events.faults
    sentences = [
        (events.delay_seconds, f"sent {events.delay_seconds:g} s late"),
        (events.drops, f"the next {events.drops} are dropped"),
        (events.duplicates, f"the next {events.duplicates} are sent twice"),
        (events.is_holding, f"held back, {len(events.held)} so far"),
        (events.has_no_tokens, "without tokens"),
        (events.wrong_application_token, "with a wrong application token"),
    ]
    return [sentence for holds, sentence in sentences if holds]
