"""An entry's way from the form to the timeline."""
