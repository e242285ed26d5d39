"""The CRM of a portal: which kinds of cards there are, who may do what with them, and what lies on their timelines."""
