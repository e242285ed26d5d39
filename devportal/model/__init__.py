"""What a portal and an authorization server remember: plain values, no HTTP and no threads."""
