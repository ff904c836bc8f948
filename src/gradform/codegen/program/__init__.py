"""Straight-line programs: operations, values in static single assignment form, their cost."""
