"""The codes with which renewals of token pairs are refused, and what they mean."""

# Final refusals of an authorization server: the pair is dead, and opening a frame brings a new one.
# Docs: https://apidocs.bitrix24.com/settings/oauth/error-codes.html
FINAL_REFUSALS = {
    "INVALID_GRANT": "the refresh token was used, is too old, or was withdrawn",
    "INVALID_TOKEN": "the refresh token is of another installation",
    "NOT_INSTALLED": "the portal has removed the application",
    "APPLICATION_NOT_FOUND": "the portal has removed the application",
    "ERROR_OAUTH": "the portal has removed the application",
    "PORTAL_DELETED": "the portal does not exist any more",
    "AUTHORIZATION_ERROR": "the person has left the portal",
    "USER_ACCESS_ERROR": "the person may not use the application any more",
    "NO_AUTH_FOUND": "the authorization server does not know the pair",
}
# Pairs that we find unusable ourselves, which says nothing about the portal.
USELESS = {
    "NO_REFRESH_TOKEN": "there is no refresh token",
    "ANOTHERS_PAIR": "the refresh token was another person's, or another portal's",
}
# Refusals that are not about the person: the pair stays, and waiting entries are tried again later.
PASSING_REFUSALS = {
    "WRONG_CLIENT": "B24_CLIENT_ID is not known to the authorization server",
    "INVALID_CLIENT": "B24_CLIENT_ID or B24_CLIENT_SECRET is wrong, or the application is not installed there",
    "PAYMENT_REQUIRED": "the application's paid period is over",
    "QUERY_LIMIT_EXCEEDED": "the authorization server is busy",
    "OVERLOAD_LIMIT": "the authorization server is busy",
}
