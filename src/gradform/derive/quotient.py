"""What a formula is: ``∂f/∂x``, ``∂²f/∂x∂y``, ``∂vec(f)/∂vec(X)``, ``Df[v]``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gradform.derive.pipeline import Solution
from gradform.derive.products import ProductQuestion
from gradform.derive.written import WrittenShape
from gradform.notation.latex import to_latex
from gradform.notation.unicode import to_unicode
from gradform.syntax.parser import parse_formula

__all__ = ["quotient_latex", "quotient_unicode"]

Shapes = Mapping[str, WrittenShape]


def quotient_unicode(solution: Solution, shapes: Shapes) -> str:
    """``∂f/∂x`` for a terminal."""
    question = solution.question
    order = len(question.wrt)
    if isinstance(question, ProductQuestion):
        return f"D{'²' * (order - 1)}f[{question.direction}]"
    power = "" if order == 1 else "²³⁴⁵⁶"[order - 2]
    above, below = _parts(solution, lambda name: to_unicode(parse_formula(name), shapes=shapes))
    return f"∂{power}{above}/" + "".join(f"∂{each}" for each in below)


def quotient_latex(solution: Solution, shapes: Shapes) -> str:
    r"""``\frac{\partial f}{\partial \mathbf{x}}`` for a paper."""
    question = solution.question
    order = len(question.wrt)

    def written(name: str) -> str:
        return to_latex(parse_formula(name), shapes=shapes)

    if isinstance(question, ProductQuestion):
        mark = "^{2}" if order > 1 else ""
        return rf"\mathrm{{D}}{mark} f[{written(question.direction)}]"
    mark = f"^{{{order}}}" if order > 1 else ""
    above, below = _parts(solution, written, r"\operatorname{vec}")
    numbered = r"\,".join(rf"\partial {each}" for each in below)
    return rf"\frac{{\partial{mark} {above}}}{{{numbered}}}"


def _parts(
    solution: Solution, written: Callable[[str], str], vec: str = "vec"
) -> tuple[str, list[str]]:
    """f and the variables, stacked as columns where the formula is that of vec by vec."""
    above, below = "f", [written(each) for each in solution.question.wrt]
    if not solution.arrangement.vec:
        return above, below
    if solution.function.value.shape.is_matrix:
        above = f"{vec}(f)"
    for place, target in enumerate(solution.targets):
        if target.selector is None and target.shape.is_matrix:
            below[place] = f"{vec}({below[place]})"
    return above, below
