"""Tiny programs as statements on Python's floats."""
