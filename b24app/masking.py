"""Removes secrets from log lines, exceptions and the log of calls."""

import re
from urllib.parse import unquote_to_bytes

SECRET_NAMES = (
    "access_token|refresh_token|application_token|client_secret|auth_id|refresh_id|auth|code_verifier|secret_key|"
    "token_keys|password|session|state|bearer"
)
# A name with an equals sign, a colon or a space after it, quoted or not. Nothing in front of the value is tried in two
# ways (``*+`` and ``?+`` give nothing back), so that the time grows with the text, not with its square.
NAMED_SECRET = re.compile(
    rf"""(?ix) \b ( (?:auth\[)? (?:{SECRET_NAMES}) \]?+ ["']?+ (?: \s*+ (?:=|:|%3D) | \s ) \s*+ ["']?+ )
    ( [^\s"'&,;)}}\]]{{6,}} )"""
)
# The names or their beginnings: searching for these first takes a tenth of the whole pattern's time.
NAMES = tuple(SECRET_NAMES.split("|"))
# Our own log lines contain ``code=ACCESS_DENIED``, which is no secret; only the code in a URL is.
CODE_IN_ADDRESS = re.compile(r"([?&]code=)([^\s\"'&]+)")
FERNET = re.compile(r"gAAAA[A-Za-z0-9_-]{20,}={0,2}")
# One of our API keys, wherever it appears.
API_KEY = re.compile(r"lbk_[A-Za-z0-9_-]{8,}")
MASK = "•••"

# Shorter values are not secrets and would match everywhere.
SHORTEST_SECRET = 8
# A printable ASCII character as escaped by JSON or HTML; the backslash may be escaped again.
ESCAPED = re.compile(rb"\\{1,8}u00([2-7][0-9a-fA-F])|&#[xX]([2-7][0-9a-fA-F]);|&#([0-9]{2,3});")


def mask(text: str) -> str:
    """The text with the values of secrets replaced."""
    text = _mask_named(text)
    if "code=" in text:
        text = CODE_IN_ADDRESS.sub(rf"\1{MASK}", text)
    if "lbk_" in text:
        text = API_KEY.sub(MASK, text)
    return FERNET.sub(MASK, text) if "gAAAA" in text else text


def _mask_named(text: str) -> str:
    """The result of ``NAMED_SECRET.sub``, applied only where a name occurs."""
    # Two letters have another lower case for Python than for the pattern.
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


def conceal(body: bytes, *secrets: str) -> bytes:
    """An answer's body without the secrets that were sent, whether plain or escaped."""
    readable = _unescaped(body)
    for secret in secrets:
        plain = secret.encode()
        if len(plain) < SHORTEST_SECRET:
            continue
        if b"/" in plain:
            readable = re.sub(rb"\\{1,8}/", b"/", readable)
        if plain in body or plain in readable:
            body = re.sub(b"".join(map(_spelling, plain)), MASK.encode(), body)
    return body


def _unescaped(body: bytes) -> bytes:
    """The body with escapes decoded; fast, since most answers contain few."""
    if b"%" in body:
        body = unquote_to_bytes(re.sub(rb"%(?:25)+", b"%", body))
    if b"\\u00" in body or b"&#" in body:
        body = ESCAPED.sub(_character, body)
    return body


def _character(found: re.Match[bytes]) -> bytes:
    digits = found[1] or found[2]
    return chr(int(digits, 16) if digits else int(found[3])).encode()


def _spelling(byte: int) -> bytes:
    """A pattern for one character, plain or escaped any number of times."""
    digits = "".join(f"[{digit}{digit.upper()}]" for digit in f"{byte:02x}")
    escaped = rf"%(?:25)*{digits}|\\{{1,8}}u00{digits}|&\#(?:[xX]{digits}|0*{byte});"
    literal = re.escape(bytes([byte]))
    quoted = literal if chr(byte).isalnum() else rb"\\{0,8}" + literal
    return b"(?:" + escaped.encode() + b"|" + quoted + b")"
