"""Authlib's session for the token endpoint; imported when the first token is exchanged or renewed."""

from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests import RequestException, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidSchema, InvalidURL
from urllib3.exceptions import HTTPError, LocationValueError
from urllib3.util.ssl_ import create_urllib3_context

from b24app.bitrix24.calls import decoded
from b24app.bitrix24.connections import POOLS

__all__ = ["OAuthError", "RequestException", "TokenSession", "reason_of"]


class TokenSession(OAuth2Session):  # type: ignore[misc]  # Authlib has no types
    """Parses only what Logbook uses of an answer; the expiry comes in many formats and is not needed.

    It uses our connections, and ignores the environment.
    """

    def __init__(self, client_id: str, client_secret: str, ca_bundle: str = "") -> None:
        super().__init__(client_id, client_secret, token_endpoint_auth_method="client_secret_post")
        self.trust_env = False
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(ca_bundle))

    def parse_response_token(self, resp: Response) -> dict[str, Any]:
        """Raises OAuthError for a refusal. A token counts, whatever else the answer contains."""
        if resp.status_code >= 500:
            resp.raise_for_status()
        answer = decoded(resp.content)
        if not isinstance(answer, dict):
            raise ValueError("no JSON object")
        if "error" in answer and not answer.get("access_token"):
            raise OAuthError(error=str(answer["error"] or "unknown"))
        self.token = {key: value for key, value in answer.items() if key not in {"expires_in", "expires_at"}}
        return dict(self.token)


class _Adapter(HTTPAdapter):
    def __init__(self, ca_bundle: str) -> None:
        self._ca_bundle = ca_bundle
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if self._ca_bundle:
            # requests itself adds the public authorities.
            kwargs["ssl_context"] = create_urllib3_context()
            kwargs["ssl_context"].load_verify_locations(cafile=self._ca_bundle)
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS


def reason_of(failure: RequestException) -> Exception:
    """The error of urllib3 that requests has wrapped, perhaps twice, or has replaced."""
    if isinstance(failure, InvalidURL | InvalidSchema):
        return LocationValueError(*failure.args)
    wrapped = failure.args[0] if failure.args else None
    reason = getattr(wrapped, "reason", wrapped)
    return reason if isinstance(reason, HTTPError) else failure
