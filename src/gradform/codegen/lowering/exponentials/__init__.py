"""Exponentials, their sums and what is divided by them, in forms that do not overflow."""
