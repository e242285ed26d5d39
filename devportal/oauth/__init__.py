"""The authorization server on the wire."""
