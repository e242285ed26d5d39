"""What goes wrong reaches the official Python SDK as its own errors."""

import pytest
from b24pysdk import BitrixApp, BitrixToken, Client
from b24pysdk.errors import (
    BitrixAPIAccessDenied,
    BitrixAPIAuthorizationError,
    BitrixAPIError,
    BitrixAPIExpiredToken,
    BitrixAPIInsufficientScope,
    BitrixAPIInvalidToken,
    BitrixAPINotFound,
    BitrixAPIOperationTimeLimit,
    BitrixAPIOverloadLimit,
    BitrixAPIQueryLimitExceeded,
    BitrixAPIUserAccessError,
    BitrixRequestError,
    BitrixRequestTimeout,
    BitrixResponse500JSONDecodeError,
)

from devportal import Box, Portal
from tests.devportal.pysdk.conftest import DOMAIN, NEW_DOMAIN
from tests.devportal.tls import Proxy


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("QUERY_LIMIT_EXCEEDED", BitrixAPIQueryLimitExceeded),
        ("OVERLOAD_LIMIT", BitrixAPIOverloadLimit),
        ("OPERATION_TIME_LIMIT", BitrixAPIOperationTimeLimit),
        ("user_access_error", BitrixAPIUserAccessError),
        ("authorization_error", BitrixAPIAuthorizationError),
    ],
)
def test_refusals_become_the_sdks_own_errors(
    portal: Portal, client: Client, code: str, kind: type[BitrixAPIError]
) -> None:
    portal.faults.refuse(code)
    with pytest.raises(kind) as caught:
        client.profile().response  # noqa: B018
    assert caught.value.status_code == kind.STATUS_CODE


def test_bad_tokens_missing_cards_and_missing_rights_have_their_own_errors(
    portal: Portal, client: Client, employee: Client, app: BitrixApp
) -> None:
    with pytest.raises(BitrixAPINotFound):
        client.crm.item.get(bitrix_id=999, entity_type_id=2).response  # noqa: B018
    with pytest.raises(BitrixAPIAccessDenied):
        employee.placement.get().response  # noqa: B018
    with pytest.raises(BitrixAPIInsufficientScope):
        client.user.current().response  # noqa: B018
    with pytest.raises(BitrixAPIInvalidToken):
        Client(BitrixToken(domain=DOMAIN, auth_token="INVALID", bitrix_app=app)).profile().response  # noqa: B018
    portal.expire_access_tokens()
    one_off = BitrixToken(domain=DOMAIN, auth_token=employee._bitrix_token.auth_token, bitrix_app=app)
    with pytest.raises(BitrixAPIExpiredToken):
        Client(one_off).profile().response  # noqa: B018


def test_silence_resets_and_pages_have_their_own_errors(portal: Portal, client: Client, token: BitrixToken) -> None:
    portal.faults.delay(30)
    with pytest.raises(BitrixRequestTimeout):
        Client(token, timeout=0.2, max_retries=1).profile().response  # noqa: B018
    portal.faults.reset()
    with pytest.raises(BitrixRequestError):
        client.profile().response  # noqa: B018
    portal.faults.html()
    with pytest.raises(BitrixResponse500JSONDecodeError):
        client.profile().response  # noqa: B018
    assert client.profile().response.value.bitrix_id == 1


def test_a_renamed_portal_is_followed(box: Box, portal: Portal, proxy: Proxy, token: BitrixToken) -> None:
    portal.rename()
    portal.state.public_url = f"https://{NEW_DOMAIN}"
    proxy.ports[NEW_DOMAIN] = portal.state.port
    assert Client(token).profile().response.value.bitrix_id == 1
    assert token.domain == NEW_DOMAIN
    assert token.refresh_oauth_token().portal_domain == NEW_DOMAIN
