"""The section *Templates*: pages and the editor."""
