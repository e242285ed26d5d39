"""The state of a portal and of an authorization server: plain values, no HTTP and no threads."""
