"""Checks the rules of the Market's moderators, and lists those that a person has to check."""

import re
from collections.abc import Iterator
from time import monotonic

from babel.messages.pofile import read_po

from b24app.bitrix24.connections import USER_AGENT, Connections
from b24app.bitrix24.gateway import WEB
from b24app.bitrix24.http_answers import HttpAnswer
from b24app.bitrix24.oauth import SCOPES
from b24app.bitrix24.timeouts import Timeouts
from b24app.config import PROJECT, Config
from b24app.context import Context
from b24app.errors import CallFailed
from b24app.i18n import CATALOGUES
from b24app.services.reports import moderation
from b24app.services.reports.health import Finding

PROBED = ("/", "/install", "/placement", "/native", "/events", "/oauth/callback")
TEXTS = ("/privacy", "/licence")
PROBE_SECONDS = 10
LONGEST_ANSWER_SECONDS = 3
LONGEST_WAIT_SECONDS = 15
LOOK_YOURSELF = (
    "The design is that of Bitrix24, dark theme and keyboard included; no error in the browser's console.",
    "No scroll bars inside the frame from 1280 pixels on.",
    "Install, use and uninstall on a clean portal in the cloud's top plan, as administrator and as employee, and on a "
    "company's own server; install again on the same portal.",
    "The listing: a short title, 1-2 sentences, the full text with plan, rights, limits and paid parts, at most 5 "
    "categories and 5 tags, support with its hours, and what is new.",
    "The icon and the pictures show made-up people and companies only.",
    "The version card names the widgets, and asks for crm and placement only.",
    "The application was not changed since it was moderated, and is no copy of another one of yours.",
    "The price: free, or with everything that is paid for named; no offers and no discounts on its pages.",
)


def examine(context: Context) -> Iterator[Finding]:
    """Check each rule, with what was seen."""
    yield from _examine_config(context.config)
    yield from _examine_addresses(context.config)
    yield from _examine_pages()
    yield from _examine_languages()
    with context.sessions() as session:
        yield from moderation.examine_log(session)
        yield from moderation.examine_calls(session, SCOPES)
        yield from moderation.examine_uninstalls(session)


def _examine_config(config: Config) -> Iterator[Finding]:
    yield Finding(config.app_url.startswith("https://"), f"The address is {config.app_url}, which has to be https.")
    insecure = "allowed" if config.is_insecure_allowed else "refused"
    yield Finding(not config.is_insecure_allowed, f"Portals without TLS are {insecure} (B24_ALLOW_INSECURE).")
    named = f"{config.operator_name or 'nobody'}, {config.operator_contact or 'no contact'}"
    is_named = bool(config.operator_name and config.operator_contact)
    yield Finding(is_named, f"The licensor and contact on the legal pages: {named}.")
    seconds = WEB.connect_seconds + WEB.read_seconds
    yield Finding(seconds <= LONGEST_WAIT_SECONDS, f"A page waits for a portal for {seconds:g} seconds at most.")


def _examine_addresses(config: Config) -> Iterator[Finding]:
    """Request our pages over the network, as the Market's own probe does; the certificate is checked."""
    for path in (*PROBED, *TEXTS):
        url, begun = config.app_url + path, monotonic()
        try:
            answer = _head(config, url)
        except CallFailed as failure:
            yield Finding(False, f"HEAD {url}: {failure.code}.")
            continue
        seconds = monotonic() - begun
        is_fine = answer.status == 200 and seconds <= LONGEST_ANSWER_SECONDS
        yield Finding(is_fine, f"HEAD {url}: {answer.status} after {seconds:.1f} seconds.")
        yield from _examine_headers(url, answer)


def _head(config: Config, url: str) -> HttpAnswer:
    # The operator's own address may resolve to a private one here.
    connections = Connections(is_insecure_allowed=True, ca_bundle=config.ca_bundle)
    return connections.request("HEAD", url, Timeouts(PROBE_SECONDS, PROBE_SECONDS), headers={"User-Agent": USER_AGENT})


def _examine_headers(url: str, answer: HttpAnswer) -> Iterator[Finding]:
    """Check for headers that would keep a portal from showing the page."""
    policy = answer.headers.get("content-security-policy", "")
    if "frame-ancestors" not in policy:
        yield Finding(False, f"{url} does not say who may frame it.")
    if "default-src 'none'" not in policy:
        yield Finding(False, f"{url} does not keep foreign scripts out.")
    for name in ("X-Frame-Options", "Set-Cookie"):
        if value := answer.headers.get(name.lower()):
            yield Finding(False, f"{url} sends {name}: {value}.")


def _examine_pages() -> Iterator[Finding]:
    pages = sorted((PROJECT / "templates").rglob("*.html"))
    asking = [page.name for page in pages if re.search(r"type=[\"']?password", page.read_text(), re.IGNORECASE)]
    yield Finding(not asking, f"{len(asking)} of {len(pages)} templates ask for a password.")
    foreign = [page.name for page in pages if re.search(r"(?:src|srcset)=[\"']?(?:https?:)?//", page.read_text())]
    yield Finding(not foreign, f"{len(foreign)} of {len(pages)} templates load something from elsewhere.")


def _examine_languages() -> Iterator[Finding]:
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as source:
            messages = [message for message in read_po(source, path.stem) if message.id]
        missing = [message for message in messages if not _is_translated(message.string)]
        yield Finding(not missing, f"{path.stem}: {len(messages) - len(missing)} of {len(messages)} texts translated.")


def _is_translated(text: str | tuple[str, ...] | list[str] | None) -> bool:
    forms = [text] if isinstance(text, str) else text
    return all(forms) if forms else False
