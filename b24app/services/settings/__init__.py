"""What administrators choose."""
