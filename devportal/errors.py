"""Error answers of the portal and the authorization server: code, description, and the status in either dialect."""

from __future__ import annotations

Code = str | int


class ApiError(Exception):
    """A refusal; running portals answer with `seen_status` where the docs say `status`."""

    def __init__(self, code: Code, description: str, *, status: int = 400, seen_status: int | None = None) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.status = status
        self.seen_status = seen_status or status
        self.extra: dict[str, str] = {}

    def body(self) -> dict[str, Code]:
        return {"error": self.code, "error_description": self.description, **self.extra}


# code: (documented status, seen status, description)
SYSTEM: dict[str, tuple[int, int, str]] = {
    "ERROR_METHOD_NOT_FOUND": (404, 404, "Method not found!"),
    "NO_AUTH_FOUND": (401, 401, "Wrong authorization data"),
    "invalid_token": (401, 401, "Unable to get application by token"),
    "expired_token": (401, 401, "The access token provided has expired."),
    "authorization_error": (401, 401, "Unable to authorize user"),
    "ERROR_OAUTH": (401, 401, "Application not installed"),
    "APPLICATION_NOT_FOUND": (401, 401, "Application not found"),
    "PAYMENT_REQUIRED": (401, 401, "Subscription has been ended"),
    "insufficient_scope": (403, 401, "The request requires higher privileges than provided by the access token"),
    "INVALID_CREDENTIALS": (403, 401, "Invalid request credentials"),
    "user_access_error": (403, 401, "The user does not have access to the application."),
    "ACCESS_DENIED": (403, 401, "REST API is available only on commercial plans."),
    "WRONG_AUTH_TYPE": (403, 401, "Current authorization type is denied for this method"),
    "ERROR_BATCH_METHOD_NOT_ALLOWED": (405, 405, "Method is not allowed for batch usage"),
    "ERROR_BATCH_LENGTH_EXCEEDED": (400, 400, "Max batch length exceeded"),
    "QUERY_LIMIT_EXCEEDED": (503, 503, "Too many requests"),
    "OPERATION_TIME_LIMIT": (429, 429, "Method is blocked due to operation time limit."),
    "OVERLOAD_LIMIT": (503, 503, "REST API is blocked due to overload."),
    "INTERNAL_SERVER_ERROR": (500, 500, "Internal server error"),
    "ERROR_UNEXPECTED_ANSWER": (500, 500, "Server returned an unexpected response"),
    "PORTAL_DELETED": (410, 410, "Portal was deleted"),
}


def system(code: str) -> ApiError:
    """An error that any method may answer with."""
    status, seen_status, description = SYSTEM[code]
    return ApiError(code, description, status=status, seen_status=seen_status)


def denied(description: str = "Access denied.") -> ApiError:
    """The CRM's refusal, which is 400, unlike that of placements and events."""
    return ApiError("ACCESS_DENIED", description)


def missing(parameter: str) -> ApiError:
    return ApiError(100, f"Could not find value for parameter {{{parameter}}}")


def unsuitable(parameter: str, value: object) -> ApiError:
    description = f"Invalid value {{{value}}} to match with parameter {{{parameter}}}. Should be value of type int."
    return ApiError(100, description)


def argument(name: str) -> ApiError:
    """The refusal of placement and event methods for a missing argument."""
    error = ApiError("ERROR_ARGUMENT", f"Argument '{name}' is null or empty")
    error.extra["argument"] = name
    return error
