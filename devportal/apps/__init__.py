"""Applications in a portal: their installation, frames, placements, events and robots."""
