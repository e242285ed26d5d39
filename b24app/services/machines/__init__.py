"""What machines may do: their keys, what they write with them, and how they hear what became of it."""
