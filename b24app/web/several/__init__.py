"""One text on several cards: chosen, confirmed, sent by the worker, and taken back as a whole."""
