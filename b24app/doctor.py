"""The doctor: checks an installation and reports in sentences for operators."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL

from b24app import app_url, heartbeat
from b24app.context import Context
from b24app.crypto import Vault
from b24app.errors import CallFailed, Refused
from b24app.services.reports import encryption_keys, health
from b24app.services.reports.health import Finding
from b24app.version import VERSION

MEGABYTE = 1024**2
SECRETS_TRIED = 1000
LITTLE_ROOM = 200 * MEGABYTE
# Variables of other programs, and what it means that Logbook ignores them.
UNUSED = {
    (
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ): "Logbook calls portals and authorization servers directly",
    ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"): "CA_BUNDLE names a company's own certificates",
}
WRONG_CREDENTIALS = {"INVALID_CLIENT", "WRONG_CLIENT", "UNAUTHORIZED_CLIENT"}


def examine(context: Context) -> Iterator[Finding]:
    """Check everything that can be wrong with an installation, one sentence each."""
    yield Finding(True, f"The settings are whole; Logbook {VERSION} is at {context.config.app_url}.")
    yield from _examine_environment()
    with context.sessions() as session:
        is_readable = yield from health.examine_database(session)
        yield from _examine_disk(context.engine.url)
        if not is_readable:
            return
        yield from _examine_queue(context)
        yield from app_url.examine(context.config.app_url, context.config.ca_bundle)
        for address in context.b24.authorities.addresses:
            yield from _examine_authority(context, address)
        yield encryption_keys.examine(session, Vault(context.config.token_keys), SECRETS_TRIED)
        yield from heartbeat.examine_everywhere(session)
        yield from health.examine_portals(session)
        yield from health.examine_outbox(session)


def _examine_environment() -> Iterator[Finding]:
    """Report variables that Logbook ignores: whoever set them expects an effect."""
    for names, meaning in UNUSED.items():
        if found := [name for name in names if os.environ.get(name)]:
            yield Finding(True, f"{', '.join(found)}: set, and not used; {meaning}.")


def _examine_queue(context: Context) -> Iterator[Finding]:
    problem = context.queue.problem()
    context.queue.close()
    if problem:
        yield Finding(False, f"The queue cannot be used: {problem}. The worker's sweep delivers once a minute.")
    else:
        yield Finding(True, "The queue can be used.")


def _examine_disk(url: URL) -> Iterator[Finding]:
    """The free space beside an SQLite file; a PostgreSQL server has to be monitored itself."""
    if url.get_backend_name() != "sqlite" or not url.database or not Path(url.database).exists():
        return
    yield examine_room(shutil.disk_usage(Path(url.database).parent).free)


def examine_room(free: int) -> Finding:
    """Judge the free space on a disk, in bytes."""
    return Finding(free > LITTLE_ROOM, f"The disk of the database has {free // MEGABYTE:,} MB left.")


def _examine_authority(context: Context, address: str) -> Iterator[Finding]:
    try:
        date = context.b24.authorities.probe(address)
    except CallFailed as failure:
        yield Finding(False, f"The authorization server {address} does not answer: {failure.code}.")
        return
    yield Finding(True, f"The authorization server {address} answers.")
    yield health.examine_clock(date)
    yield _examine_credentials(context, address)


def _examine_credentials(context: Context, address: str) -> Finding:
    """Try our credentials with a made-up refresh token, which is refused only after they were accepted."""
    try:
        context.b24.authorities.renew(address, "no-refresh-token-of-anybody")
    except Refused as refused:
        if refused.code in WRONG_CREDENTIALS:
            return Finding(False, f"{address} refuses B24_CLIENT_ID or B24_CLIENT_SECRET: {refused.code}.")
        return Finding(True, f"{address} knows the application.")
    except CallFailed as failure:
        return Finding(False, f"{address} takes no tokens: {failure.code}. Is B24_OAUTH_URL right?")
    return Finding(False, f"{address} gives tokens for nothing. Is B24_OAUTH_URL right?")
