"""What programs may do: their keys, their entries, and the callbacks that tell them the outcome."""
