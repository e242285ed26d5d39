"""Checks APP_URL from outside: whether it leads to Logbook, and whether its certificate is valid."""

import http.client
import json
import ssl
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import certifi

from b24app.services.reports.health import Finding

WAIT_SECONDS = 10
LONGEST_ANSWER = 10_000
SHORT_OF_TIME = timedelta(days=14)


def examine(app_url: str, ca_bundle: str) -> Iterator[Finding]:
    """Request /healthz the way Bitrix24 reaches it, through any proxy in front."""
    address = urlsplit(app_url)
    try:
        with closing(_connection(app_url, ca_bundle)) as connection:
            connection.request("GET", f"{address.path}/healthz")
            certificate = _certificate(connection)
            with connection.getresponse() as answer:
                yield _read(app_url, answer.status, answer.read(LONGEST_ANSWER))
            if certificate:
                yield _judge(address.hostname or "", certificate)
    except ssl.SSLCertVerificationError as failure:
        yield Finding(False, f"The certificate at {app_url} is refused: {failure.verify_message}. Renew or fix it.")
    except (OSError, http.client.HTTPException) as failure:
        reason = getattr(failure, "strerror", None) or type(failure).__name__
        yield Finding(False, f"{app_url} cannot be reached from here: {reason}. Is the proxy running?")


def _connection(app_url: str, ca_bundle: str) -> http.client.HTTPConnection:
    address = urlsplit(app_url)
    if address.scheme == "http":
        return http.client.HTTPConnection(address.hostname or "", address.port, timeout=WAIT_SECONDS)
    trusted = ssl.create_default_context(cafile=certifi.where())
    if ca_bundle:
        trusted.load_verify_locations(cafile=ca_bundle)
    return http.client.HTTPSConnection(address.hostname or "", address.port, timeout=WAIT_SECONDS, context=trusted)


def _certificate(connection: http.client.HTTPConnection) -> str:
    """When the connection's certificate expires; empty without one."""
    certificate = connection.sock.getpeercert() if isinstance(connection.sock, ssl.SSLSocket) else None
    return str((certificate or {}).get("notAfter", ""))


def _read(app_url: str, status: int, body: bytes) -> Finding:
    try:
        said = json.loads(body)["status"]
    except (ValueError, KeyError, TypeError):
        return Finding(False, f"{app_url}/healthz answers with HTTP {status}, which is not Logbook. Is APP_URL right?")
    return Finding(status == 200, f"{app_url} leads to Logbook, which says: {said}.")


def _judge(host: str, not_after: str) -> Finding:
    ends_at = datetime.fromtimestamp(ssl.cert_time_to_seconds(not_after), UTC)
    is_fine = ends_at - datetime.now(UTC) > SHORT_OF_TIME
    return Finding(is_fine, f"The certificate of {host} is valid until {ends_at:%Y-%m-%d %H:%M} UTC.")
