"""Words of the protocols, which a fuzzer would need hours to find letter by letter."""

import re

DICTIONARY = (
    *("result", "result_error", "result_time", "error", "error_description", "logMessages", "logMessage", "icons"),
    *("application", "profile", "placement", "handler", "langAll", "iconCode", "authorId", "created", "next"),
    *("PLACEMENT_OPTIONS=", "PLACEMENT=", "DOMAIN=", "AUTH_ID=", "PROTOCOL=", "auth[application_token]="),
    *("CRM_DYNAMIC_130_DETAIL_TAB", "CRM_CONTACT_DETAIL_TAB", "DEFAULT", "&quot;", "%00", "%F0%9F%98%80", "\\ud800"),
    *("$result[", "expired_token", "access_token", "client_endpoint", "operating_reset_at", "data[member_id]="),
    *("https://", "xn--", "Bearer lbk_", "[::1]", ":443", "+02:00", "Warning: "),
)


def dictionary() -> str:
    """In the format of libFuzzer: a quoted text a line, with what is not printable, quotes and backslashes escaped."""
    escaped = (re.sub(r'[\\"]', lambda found: f"\\x{ord(found[0]):02x}", word) for word in DICTIONARY)
    return "".join(f'"{word}"\n' for word in escaped)
