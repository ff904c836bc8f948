"""Analyses of programs, and passes from program to program."""
