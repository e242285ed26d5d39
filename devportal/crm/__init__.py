"""The CRM of a portal: kinds of cards, rights, timelines and icons."""
