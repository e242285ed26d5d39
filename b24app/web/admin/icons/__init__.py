"""The section *Icons*: the offered ones and the portal's own."""
