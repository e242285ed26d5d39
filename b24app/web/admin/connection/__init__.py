"""The section *Connection*: pages and checks."""
