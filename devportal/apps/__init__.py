"""What applications may attach to a portal: placements and event handlers."""
