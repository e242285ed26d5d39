"""The HTTP side of the authorization server."""
