"""Where a derivative comes from: the chain rule, the differential, entry by entry.

A derivation is made of the answers of the pipeline itself: its local derivatives are
solutions of the same questions that users ask, and its last line is the formula of the
answer. Every line is checked at random points before it is shown.
"""
