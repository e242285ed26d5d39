"""The Weather page: every lever with a button, and the same by HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request

from ..levers import LEVERS, Given, Lever, LeverError
from ..rest.registry import METHODS
from . import here

pages = Blueprint("weather", __name__)


@pages.get("/_box/weather")
def weather() -> str:
    groups: dict[str, list[Lever]] = {}
    for lever in LEVERS.values():
        groups.setdefault(lever.group, []).append(lever)
    names = ["*", *METHODS, "oauth/token"]
    now = here.portal().state.readings.as_dict()
    readings = {f"reading-{reading.replace('_', '-')}": value for reading, value in now.items()}
    return render_template("weather.html", groups=groups, report=report(), methods=names, readings=readings)


@pages.post("/_box/levers/<name>")
def pull(name: str) -> Any:
    """JSON or a form; a browser is sent back to the page, a program gets the weather as JSON."""
    lever = LEVERS.get(name)
    if lever is None:
        return jsonify(error=f"There is no lever {name}.", levers=sorted(LEVERS)), 404
    given = request.get_json(silent=True) if request.is_json else request.form
    try:
        lever.action(Given(here.portal(), given if isinstance(given, Mapping) else {}))
    except LeverError as error:
        return jsonify(error=str(error)), 400
    if "text/html" in request.headers.get("Accept", ""):
        return redirect("/_box/weather", 303)
    return jsonify(report())


@pages.get("/_box/state")
def state() -> Any:
    """What a program may want to know of this portal."""
    portal = here.portal()
    return jsonify(
        name=portal.name,
        kind=portal.kind,
        url=portal.url,
        member_id=portal.member_id,
        authority_url=portal.authority.url,
        people=[person.__dict__ for person in portal.people],
        readings=portal.state.readings.as_dict(),
        weather=report(),
        placements=[{"placement": row.code, "handler": row.handler} for row in portal.placements],
        events=[{"event": row.event, "handler": row.handler} for row in portal.event_handlers],
    )


def report() -> dict[str, list[str]]:
    """What is other than fine, in sentences."""
    portal = here.portal()
    return {
        "portal": [*(effect.sentence for effect in portal.weather.effects), *standing()],
        "authority": [*(effect.sentence for effect in portal.box.weather.effects), *authority_standing()],
        "events": mail_standing(),
    }


def standing() -> list[str]:
    weather, people = here.portal().weather, here.portal().people
    found = [f"{person.full_name} is dismissed" for person in people if not person.is_active]
    if weather.bucket:
        found.append(f"{weather.bucket.burst} requests at once, then {weather.bucket.per_second:g} a second")
    if weather.operating_limit_seconds is not None:
        found.append(f"each method may work {weather.operating_limit_seconds:g} s in ten minutes")
    found += [f"{method} counts as {seconds:g} s of work" for method, seconds in weather.slow_methods.items()]
    if weather.is_plan_lapsed:
        found.append("the commercial plan has lapsed")
    for installation in here.portal().state.installations.values():
        for number in installation.withdrawn_from:
            person = here.portal().state.person(number)
            found.append(f"{person.full_name if person else number} has no access to {installation.client_id}")
    return found


def authority_standing() -> list[str]:
    authority = here.portal().authority
    found = [f"renewal is refused with {authority.renewal_refusal}"] if authority.renewal_refusal else []
    if authority.refresh_uses_allowed != 1:
        found.append(f"a refresh token works {authority.refresh_uses_allowed} times")
    return found


def mail_standing() -> list[str]:
    mail = here.portal().events.weather
    sentences = [
        (mail.delay_seconds, f"sent {mail.delay_seconds:g} s late"),
        (mail.drops, f"the next {mail.drops} get lost"),
        (mail.duplicates, f"the next {mail.duplicates} are sent twice"),
        (mail.is_holding, f"held back, {len(mail.held)} so far"),
        (mail.has_no_tokens, "without tokens"),
        (mail.wrong_application_token, "with a wrong application token"),
    ]
    return [sentence for holds, sentence in sentences if holds]
