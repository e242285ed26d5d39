"""Reports unexpected errors to Sentry, if SENTRY_DSN is set: what failed and where, but no texts or secrets.

The package is imported only if it is set; Logbook does not depend on it.
"""

from typing import Any

from b24app.current_request import request_id
from b24app.masking import mask
from b24app.version import VERSION

# What a report may contain of the request: no headers, form, cookies or query.
OF_REQUEST = {"method"}
OF_REPORT = {"event_id", "timestamp", "level", "logger", "platform", "release", "environment", "exception", "sdk"}
OF_FRAME = {"filename", "function", "lineno", "module", "in_app"}


def begin(dsn: str) -> None:
    """Report each error that is logged from now on."""
    import sentry_sdk

    sentry_sdk.init(
        dsn,
        release=VERSION,
        before_send=scrubbed,
        max_breadcrumbs=0,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        auto_session_tracking=False,
        default_integrations=True,
    )


def scrubbed(report: Any, _hint: Any) -> Any:
    """A new report with only the listed, harmless parts; their texts are masked."""
    told = {name: value for name, value in report.items() if name in OF_REPORT}
    told["exception"] = {"values": [_exception(one) for one in report.get("exception", {}).get("values", [])]}
    message = (report.get("logentry") or {}).get("message") or report.get("message") or ""
    told["message"] = mask(str(message))
    told["tags"] = {"request_id": request_id.get()}
    told["request"] = {name: value for name, value in (report.get("request") or {}).items() if name in OF_REQUEST}
    return told


def _exception(one: dict[str, Any]) -> dict[str, Any]:
    frames = (one.get("stacktrace") or {}).get("frames", [])
    kept = [{name: value for name, value in frame.items() if name in OF_FRAME} for frame in frames]
    return {
        "type": one.get("type"),
        "module": one.get("module"),
        "value": mask(str(one.get("value") or "")),
        "stacktrace": {"frames": kept},
    }
