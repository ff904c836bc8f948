"""How large a formula may be: every limit the reader of formulas keeps, in one place."""

from __future__ import annotations

from gradform.records import record

__all__ = ["DEFAULT_LIMITS", "Limits"]


@record
class Limits:
    """Upper bounds on one input text.

    ``nesting`` counts parentheses, brackets and calls that are open at the same time.
    """

    characters: int = 200_000
    tokens: int = 100_000
    nesting: int = 2_000
    name_characters: int = 200
    number_characters: int = 1_000


DEFAULT_LIMITS = Limits()
