"""The independent check: limit definitions at random points, with no calculus in it."""
