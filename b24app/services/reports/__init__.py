"""What administrators and the operator read."""
