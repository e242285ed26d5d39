"""Takes secrets out of texts that somebody will read: log lines, exceptions, the log of calls."""

import re

SECRET_NAMES = (
    "access_token|refresh_token|application_token|client_secret|auth_id|refresh_id|auth|code_verifier|secret_key|"
    "token_keys|password|session|state|bearer"
)
# A name with an equals sign, a colon or brackets behind it, quoted or not.
NAMED_SECRET = re.compile(
    rf"""(?ix) \b ( (?:auth\[)? (?:{SECRET_NAMES}) \]? ["']? \s* (?:=|:|\s|%3D) \s* ["']? ) ( [^\s"'&,;)}}\]]{{6,}} )"""
)
# What each of the names begins with or is: to find it is a tenth of the work of looking for all that may follow.
NAMES = tuple(SECRET_NAMES.split("|"))
# Our own facts say ``code=ACCESS_DENIED``, which is no secret; only that of an address is.
CODE_IN_ADDRESS = re.compile(r"([?&]code=)([^\s\"'&]+)")
FERNET = re.compile(r"gAAAA[A-Za-z0-9_-]{20,}={0,2}")
MASK = "•••"


def mask(text: str) -> str:
    """The text without the values of secrets."""
    text = _mask_named(text)
    if "code=" in text:
        text = CODE_IN_ADDRESS.sub(rf"\1{MASK}", text)
    return FERNET.sub(MASK, text) if "gAAAA" in text else text


def _mask_named(text: str) -> str:
    """What ``NAMED_SECRET.sub`` answers, tried only where a name stands."""
    # Two letters look different in lower case to us and to the pattern: one is replaced, the other makes it longer.
    lower = text.lower().replace("ſ", "s")
    if len(lower) != len(text):
        return NAMED_SECRET.sub(rf"\1{MASK}", text)
    parts, end = [], 0
    for start in _places_of_names(lower):
        if start >= end and (match := NAMED_SECRET.match(text, start)):
            parts += [text[end : match.start(2)], MASK]
            end = match.end()
    return "".join([*parts, text[end:]])


def _places_of_names(text: str) -> list[int]:
    places = set()
    for name in NAMES:
        place = text.find(name)
        while place >= 0:
            places.add(place)
            place = text.find(name, place + 1)
    return sorted(places)
