"""Binding Logbook in a portal, and keeping it bound."""
