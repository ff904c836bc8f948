"""Subdifferentials of functions of several variables."""
