"""Conditions for a paper: what is written as a comparison is a formula, the rest a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradform.derive.written import WrittenShape
from gradform.errors import FormulaSyntaxError
from gradform.formula.tree import Call, Compare, Formula
from gradform.notation.latex import to_latex
from gradform.notation.latex_symbols import text_latex
from gradform.notation.spelled import spell_latex
from gradform.syntax.parser import parse_formula

__all__ = ["comparison_of", "condition_latex", "sizes_and_variables"]


def condition_latex(condition: str, shapes: Mapping[str, Sequence[object]]) -> str:
    r"""``\det(\mathbf{X}) \ne 0``, or ``\text{…}``; ``shapes`` lists sizes too, with no axes."""
    found = comparison_of(condition)
    if found is None:
        return text_latex(str(condition))
    return to_latex(found, spell=spell_latex, shapes=shapes)


def sizes_and_variables(shapes: Mapping[str, WrittenShape]) -> dict[str, WrittenShape]:
    """The axes of all names: sizes have none."""
    sizes: dict[str, WrittenShape] = {str(axis): () for each in shapes.values() for axis in each}
    return sizes | dict(shapes)


def comparison_of(condition: str) -> Formula | None:
    """The tree of a comparison; None for a sentence."""
    try:
        # The language has comparisons in piecewise only.
        body = parse_formula(f"piecewise({condition}, 1, 0)").body
    except FormulaSyntaxError:
        return None
    arguments = body.args if isinstance(body, Call) else ()
    return arguments[0] if len(arguments) == 3 and isinstance(arguments[0], Compare) else None
