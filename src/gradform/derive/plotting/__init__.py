"""Plots of functions of one or two numbers, with their derivatives.

Loaded when a plot is asked for.
"""
