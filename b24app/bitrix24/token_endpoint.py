"""Authlib's session for the token endpoint; imported when the first token is exchanged or renewed."""

import io
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests import PreparedRequest, RequestException, Response
from requests.adapters import BaseAdapter

from b24app.bitrix24.calls import decoded
from b24app.bitrix24.connections import USER_AGENT, Connections
from b24app.bitrix24.timeouts import Timeouts
from b24app.errors import AnswerLost

__all__ = ["OAuthError", "RequestException", "TokenSession"]


class TokenSession(OAuth2Session):  # type: ignore[misc]  # Authlib has no types
    """Parses only what Logbook uses of an answer; the expiry comes in many formats and is not needed.

    It uses our connections, whose errors it raises, and ignores the environment.
    """

    def __init__(self, client_id: str, client_secret: str, connections: Connections, timeouts: Timeouts) -> None:
        super().__init__(client_id, client_secret, token_endpoint_auth_method="client_secret_post")
        self.trust_env = False
        self.headers.update({"Accept-Encoding": "gzip", "User-Agent": USER_AGENT})
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(connections, timeouts))

    def parse_response_token(self, resp: Response) -> dict[str, Any]:
        """Raises OAuthError for a refusal. A token counts, whatever else the answer contains."""
        if resp.status_code >= 500:
            raise AnswerLost(code="NO_ANSWER", status=resp.status_code)
        answer = decoded(resp.content)
        if not isinstance(answer, dict):
            raise ValueError("no JSON object")
        if "error" in answer and not answer.get("access_token"):
            raise OAuthError(error=str(answer["error"] or "unknown"))
        self.token = {key: value for key, value in answer.items() if key not in {"expires_in", "expires_at"}}
        return dict(self.token)


class _Adapter(BaseAdapter):
    """Lets requests use our connections."""

    def __init__(self, connections: Connections, timeouts: Timeouts) -> None:
        super().__init__()
        self._connections = connections
        self._timeouts = timeouts

    def send(self, request: PreparedRequest, *_args: Any, **_more: Any) -> Response:
        """Raises Unreachable or AnswerLost."""
        body = request.body or b""
        answer = self._connections.request(
            str(request.method),
            str(request.url),
            self._timeouts,
            body.encode() if isinstance(body, str) else body,
            {name: value for name, value in request.headers.items() if name != "Content-Length"},
        )
        response = Response()
        response.status_code = answer.status
        response.url, response.request = str(request.url), request
        response.headers.update(answer.headers)
        response.raw = io.BytesIO(answer.body)
        return response

    def close(self) -> None:
        """The connections stay open for the next session."""
