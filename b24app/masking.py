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
# Our own facts say ``code=ACCESS_DENIED``, which is no secret; only that of an address is.
CODE_IN_ADDRESS = re.compile(r"([?&]code=)([^\s\"'&]+)")
FERNET = re.compile(r"gAAAA[A-Za-z0-9_-]{20,}={0,2}")
MASK = "•••"


def mask(text: str) -> str:
    """The text without the values of secrets."""
    for pattern in (NAMED_SECRET, CODE_IN_ADDRESS):
        text = pattern.sub(rf"\1{MASK}", text)
    return FERNET.sub(MASK, text)
