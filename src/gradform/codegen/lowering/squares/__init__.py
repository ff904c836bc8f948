"""Sums of squares, their roots and powers, so that no square leaves the range of numbers."""
