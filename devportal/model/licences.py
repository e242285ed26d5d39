"""The plans that a portal may be on, as `app.info` names them."""

from __future__ import annotations

LICENCES = {
    "cloud": {"LICENSE": "en_pro100", "LICENSE_TYPE": "pro100", "LICENSE_FAMILY": "pro"},
    "enterprise": {"LICENSE": "en_ent10000", "LICENSE_TYPE": "ent10000", "LICENSE_FAMILY": "ent"},
    "on-premise": {"LICENSE": "selfhosted", "LICENSE_TYPE": "selfhosted", "LICENSE_FAMILY": "selfhosted"},
}
