"""Languages whose arrays are stored by columns and indexed from 1: MATLAB and Julia.

A vector of a program is a column there. One writer spells the operations; a language says how
what differs is called.
"""
