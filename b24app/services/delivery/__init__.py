"""How an entry gets from the form to the timeline."""
