"""Authlib's session for the token endpoint; imported when the first token is exchanged or renewed."""

from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from b24app.bitrix24.calls import decoded

__all__ = ["OAuthError", "TokenSession"]


class TokenSession(OAuth2Session):  # type: ignore[misc]  # Authlib has no types
    """Parses only what Logbook uses of an answer; the expiry comes in many formats and is not needed."""

    def parse_response_token(self, resp: requests.Response) -> dict[str, Any]:
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
