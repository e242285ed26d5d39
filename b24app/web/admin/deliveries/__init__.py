"""The section *Deliveries*: pages, rows and wording."""
