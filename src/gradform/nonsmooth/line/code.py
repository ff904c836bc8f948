"""A subgradient function for optimisers, as self-contained Python."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gradform.errors import CannotError
from gradform.exact import Real
from gradform.language import say
from gradform.nonsmooth.line.answer import LineSet, MapPiece, MapPoint
from gradform.nonsmooth.line.curve import Curve, walk
from gradform.nonsmooth.line.question import LineQuestion

__all__ = ["subgradient_source"]


def subgradient_source(
    question: LineQuestion, pieces: Sequence[MapPiece], points: Sequence[MapPoint], sense: str
) -> str:
    """``subgradient(x)``: the derivative where there is one; at a kink the element nearest to 0;
    nan outside the domain and where there is none."""
    lines = [
        "def subgradient(x):",
        f'    """A {_NAMES[sense]} of {question.source} at the number x.',
        "",
        "    The derivative where there is one, at a kink the element of least size; nan where",
        f'    there is none. The domain is {question.domain}."""',
    ]
    for each in points:
        lines += [f"    if x == {_number(each.point)}:", f"        return {_least(each.found)}"]
    for piece in pieces:
        lines += [f"    if {_joined(piece)}:", f"        return {code_of(piece.derivative)}"]
    lines += _between(pieces, points)
    body = "\n".join([*lines, "    return np.nan", ""])
    scipy = "from scipy import special\n" if "special." in body else ""
    return f"import numpy as np\n{scipy}\n\n{body}"


_NAMES = {"sub": "subgradient", "super": "supergradient"}


def _joined(piece: MapPiece) -> str:
    low = f"{_number(piece.low)} < " if piece.low.is_finite else ""
    high = f" < {_number(piece.high)}" if piece.high.is_finite else ""
    return f"{low}x{high}" if low or high else "np.isfinite(x)"


def _between(pieces: Sequence[MapPiece], points: Sequence[MapPoint]) -> list[str]:
    """Where two pieces meet smoothly the derivative is that of either."""
    kinks = {each.point for each in points}
    lines: list[str] = []
    for left in pieces[:-1]:
        if left.high not in kinks:
            lines.append(f"    if x == {_number(left.high)}:")
            lines.append(f"        return {code_of(left.derivative)}")
    return lines


def _least(found: LineSet) -> str:
    if found.low is None or found.high is None:
        return "np.nan"
    if found.low.sign() > 0:
        return _number(found.low)
    return _number(found.high) if found.high.sign() < 0 else "0.0"


def _number(value: Real) -> str:
    if not value.is_finite:
        return "np.inf" if value.sign() > 0 else "-np.inf"
    return repr(float(value))


# ---------------------------------------------------------------- expressions

_FUNCTIONS = {
    **{name: f"np.{name}" for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "asin": "np.arcsin",
    "acos": "np.arccos",
    "atan": "np.arctan",
    "gamma": "special.gamma",
    "lgamma": "special.gammaln",
    "digamma": "special.digamma",
    "erf": "special.erf",
    "erfc": "special.erfc",
}


def code_of(root: Curve) -> str:
    """A smooth curve as a Python expression of x."""
    return walk(root, _code)


def _code(node: Curve, below: list[str]) -> str:
    match node.op:
        case "const":
            return f"({_number(node.value)})" if node.value.sign() < 0 else _number(node.value)
        case "x":
            return "x"
        case "add":
            return f"({' + '.join(below)})"
        case "mul":
            return " * ".join(below)
        case "pow":
            return _power(below[0], node.data)
        case "fn" if node.data[0] in _FUNCTIONS:
            return f"{_FUNCTIONS[node.data[0]]}({below[0]})"
        case "fn" if node.data[0] == "polygamma":
            return f"special.polygamma({node.data[1]}, {below[0]})"
        case "fn" if node.data[0] == "lambertw":
            return f"special.lambertw({below[0]}, {node.data[1]}).real"
    raise CannotError(say("{name} has no NumPy form here.", name=node.op), kind="no_numpy")


def _power(base: str, exponent: Fraction) -> str:
    if exponent == Fraction(1, 2):
        return f"np.sqrt({base})"
    written = str(exponent) if exponent.denominator == 1 else repr(float(exponent))
    return f"({base}) ** {written}" if exponent > 0 else f"({base}) ** ({float(exponent)})"
