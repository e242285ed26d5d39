"""Who calls, in whose name, and whether Logbook is still installed."""
