"""Who calls, in whose name, and whether the portal still has us."""
