"""Names an icon for people and says how to draw it: by our glyph or by the portal's own picture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

UNKNOWN_GLYPH = "unknown"

# Every system code has a symbol of the same name in static/icons.svg. Case matters.
NAMES: dict[str, str] = {
    "call": "Call",
    "call-incoming-missed": "Missed call",
    "call-incoming": "Incoming call",
    "call-completed": "Completed call",
    "call-outcoming": "Outgoing call",
    "document": "Document",
    "IM": "Chat",
    "circle-check": "Check in a circle",
    "info": "Information",
    "relation": "Relation",
    "link": "Link",
    "unlink": "Removed link",
    "store": "Store",
    "view": "View",
    "stage-change": "Change of stage",
    "sum": "Sum",
    "open-line-incoming-message": "Incoming Open Channel message",
    "clock": "Clock",
    "mail-outcome": "Outgoing mail",
    "complete": "Complete",
    "check": "Check",
    "comment": "Comment",
    "sms": "SMS",
    "whatsapp": "WhatsApp",
    "task": "Task",
    "pipeline": "Pipeline",
    "wallet": "Wallet",
    "attention": "Attention",
    "bank-card": "Bank card",
    "conversion": "Conversion",
    "calendar": "Calendar",
    "circle-crossed": "Cross in a circle",
    "task-ping": "Task reminder",
    "task-new-comment": "New comment on a task",
    "task-viewed-comment": "Comment on a task was read",
    "task-activity": "Activity in a task",
    "ai-copilot": "CoPilot",
    "ai-process": "CoPilot at work",
    "restoration": "Restored",
    "arrow-up": "Arrow up",
    "arrow-down": "Arrow down",
    "visit": "Visit",
    "camera": "Camera",
    "copy": "Copy",
    "robot": "Robot",
    "cycle-equal": "Repetition",
    "bizproc": "Workflow",
    "message-with-point": "Unread message",
    "booking": "Booking",
}


@dataclass(frozen=True)
class IconChoice:
    """One icon that a portal lists: what the form sends, what people read and what they see."""

    code: str
    name: str
    glyph: str
    picture: str | None


def icon_choice(code: str, file_uri: str, portal_origin: str) -> IconChoice:
    """Describe the icon `code` whose picture, if it has one of its own, the portal keeps at `file_uri`."""
    return IconChoice(
        code=code,
        name=NAMES.get(code) or _readable(code),
        glyph=code if code in NAMES else UNKNOWN_GLYPH,
        picture=_picture(file_uri, portal_origin),
    )


def _readable(code: str) -> str:
    words = re.sub(r"[\s._-]+", " ", code).strip()
    return words[:1].upper() + words[1:] or code


def _picture(file_uri: str, portal_origin: str) -> str | None:
    # A browser reads a backslash as a slash and skips control characters, so neither may decide whose address it is.
    if not file_uri or not file_uri.isprintable() or re.search(r"[\s\\]", file_uri):
        return None
    try:
        uri, portal = urlsplit(file_uri), urlsplit(portal_origin)
        if uri.scheme or uri.netloc:
            return file_uri if _origin(uri) and _origin(uri) == _origin(portal) else None
    except ValueError:
        return None
    return portal_origin + file_uri if re.match(r"/(?!/)", file_uri) else None


def _origin(uri: SplitResult) -> tuple[str, str, int] | None:
    """Return scheme, host and port of a web address without a user name; anything else has no origin."""
    default_ports = {"http": 80, "https": 443}
    if uri.scheme not in default_ports or not uri.hostname or "@" in uri.netloc:
        return None
    return uri.scheme, uri.hostname, uri.port or default_ports[uri.scheme]
