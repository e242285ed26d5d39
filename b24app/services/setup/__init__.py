"""What is bound in a portal, and kept bound."""
