"""Products of arrays: the order of contraction, and each step in its cheapest form."""
