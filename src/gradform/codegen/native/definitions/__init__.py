"""A program with known sizes as definitions of arrays, entry by entry."""
