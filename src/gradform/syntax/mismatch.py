"""Errors for operands whose shapes do not fit, with the spelling that was probably meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from gradform.errors import Fix, LimitError, ShapeError, Span
from gradform.formula.tree import Add, Mul, Power
from gradform.functions.shapes import Shape, describe
from gradform.language import Message, listed, say

__all__ = [
    "Operands",
    "bracketed",
    "division_error",
    "entrywise_error",
    "huge_power_error",
    "operands",
    "operator_span",
    "power_error",
    "product_error",
    "sum_error",
]

_LONGEST = 24


class Operands(NamedTuple):
    """What stands left and right of an operator, as typed, and where the operator is.

    ``whole`` is where all of it stands; None where it is too long to be written again.
    """

    left: str
    right: str
    span: Span
    whole: Span | None

    def fixes(self, *candidates: str) -> list[Fix]:
        """Each of these instead of the whole."""
        return [] if self.whole is None else [Fix(self.whole, each) for each in candidates]


def operands(node: Add | Mul | Power, position: int, source: str) -> Operands:
    """The operands of the operator before child ``position``; all to its left is one."""
    span, end = operator_span(node, position), node.span.end
    if not isinstance(node, Power) and position + 1 < len(node.op_spans):
        end = node.op_spans[position + 1].start
    left, right = source[node.span.start : span.start], source[span.end : end]
    shown = _short(left, "u"), _short(right, "v")
    stop = len(source[:end].rstrip())
    begin = node.span.start + len(left) - len(left.lstrip())
    kept = shown == (" ".join(left.split()), " ".join(right.split()))
    return Operands(*shown, span, Span(begin, stop) if kept else None)


def operator_span(node: Add | Mul | Power, position: int) -> Span:
    """Where the operator before child ``position`` is; trees built by hand do not say."""
    if isinstance(node, Power):
        return node.op_span
    return node.op_spans[position] if node.op_spans else node.span


def _short(text: str, letter: str) -> str:
    text = " ".join(text.split())
    return text if 0 < len(text) <= _LONGEST else letter


_ATOM = re.compile(r"\w+(?:\([^()]*\))?'*|\([^()]*\)'*")


def bracketed(text: str) -> str:
    """The text as one operand."""
    return text if _ATOM.fullmatch(text) else f"({text})"


def _transposed(text: str) -> str:
    text = bracketed(text)
    return text[:-1] if text.endswith("'") else f"{text}'"


def _noun(shape: Shape) -> Message:
    if shape.is_scalar:
        return say("a scalar")
    return say("a vector") if shape.is_vector else say("a matrix")


def sum_error(
    left: Shape, right: Shape, sign: int, at: Operands, hint: str | None = None
) -> ShapeError:
    """The error for a sum of two shapes that differ."""
    if left.is_scalar or right.is_scalar:
        return _scalar_sum_error(left, right, sign, at, hint)
    first, second = describe(left), describe(right)
    fixes: list[Fix] = []
    if sign > 0:
        message = say("Cannot add {first} and {second}.", first=first, second=second)
    else:
        message = say("Cannot subtract {second} from {first}.", first=first, second=second)
    if hint is None and (left.rows, left.cols) == (right.cols, right.rows):
        transposed = f"{at.left}{'+' if sign > 0 else '-'}{_transposed(at.right)}"
        hint = say("Transpose one of them: {transposed}", transposed=transposed)
        fixes = at.fixes(transposed)
    return ShapeError(message, kind="dimension_mismatch", span=at.span, hint=hint, fixes=fixes)


def _scalar_sum_error(
    left: Shape, right: Shape, sign: int, at: Operands, hint: str | None
) -> ShapeError:
    array = right if left.is_scalar else left
    scalar = at.left if left.is_scalar else at.right
    constant = f"{'matrix' if array.is_matrix else 'vector'}({scalar})"
    if array.is_row:
        constant += "'"
    between = "+" if sign > 0 else "-"
    use = f"{constant}{between}{at.right}" if left.is_scalar else f"{at.left}{between}{constant}"
    first, second = _noun(left), _noun(right)
    if sign > 0:
        message = say(
            "Cannot add {first} and {second}; use {use}.", first=first, second=second, use=use
        )
    else:
        message = say(
            "Cannot subtract {second} from {first}; use {use}.",
            first=first,
            second=second,
            use=use,
        )
    if hint is None and array.is_matrix:
        hint = say("For a multiple of the identity write c*eye.")
    return ShapeError(
        message, kind="scalar_matrix_add", span=at.span, hint=hint, fixes=at.fixes(use)
    )


def product_error(left: Shape, right: Shape, at: Operands) -> ShapeError:
    """The error for a matrix product whose inner sizes differ."""
    a, b = bracketed(at.left), bracketed(at.right)
    if left.is_vector and right.is_vector and left.is_column == right.is_column:
        inner, outer = f"{_transposed(a)}*{b}", f"{a}*{_transposed(b)}"
        entrywise = f"{a}.*{b}"
        candidates = listed([inner, outer, entrywise], "or")
        if left.is_column:
            message = say(
                "Cannot multiply two column vectors; did you mean {candidates}?",
                candidates=candidates,
            )
        else:
            message = say(
                "Cannot multiply two row vectors; did you mean {candidates}?",
                candidates=candidates,
            )
        fixes = at.fixes(inner, outer, entrywise)
        return ShapeError(message, kind="dimension_mismatch", span=at.span, fixes=fixes)
    spellings = []
    if left.rows is right.rows:
        spellings.append(f"{_transposed(a)}*{b}")
    if left.cols is right.cols:
        spellings.append(f"{a}*{_transposed(b)}")
    return ShapeError(
        say(
            "Cannot multiply {left} by {right}: the inner sizes {columns} and {rows} differ.",
            left=describe(left),
            right=describe(right),
            columns=left.cols,
            rows=right.rows,
        ),
        kind="dimension_mismatch",
        span=at.span,
        hint=_did_you_mean(spellings) if spellings else None,
        fixes=at.fixes(*spellings),
    )


def _did_you_mean(candidates: Sequence[str]) -> Message:
    return say("Did you mean {candidates}?", candidates=listed(candidates, "or"))


def entrywise_error(left: Shape, right: Shape, operator: str, at: Operands) -> ShapeError:
    """The error for ``.*``, ``./`` or ``.^`` of two shapes that differ."""
    return ShapeError(
        say(
            "{operator} needs equal shapes or a scalar; these are {left} and {right}.",
            operator=operator,
            left=describe(left),
            right=describe(right),
        ),
        kind="dimension_mismatch",
        span=at.span,
    )


def division_error(divisor: Shape, at: Operands) -> ShapeError:
    """The error for ``/`` by something that is no scalar."""
    a, b = bracketed(at.left), bracketed(at.right)
    candidates = [f"{a}./{b}"]
    if divisor.is_matrix:
        candidates.insert(0, f"{a}*inv({at.right})")
    return ShapeError(
        say(
            "Division by {noun} is ambiguous; use {candidates}.",
            noun=_noun(divisor),
            candidates=listed(candidates, "or"),
        ),
        kind="ambiguous",
        span=at.span,
        fixes=at.fixes(*candidates),
    )


def power_error(base: Shape, exponent: Shape, whole: int | None, at: Operands) -> ShapeError:
    """The error for a power ``^`` that has no one meaning."""
    a, b = bracketed(at.left), bracketed(at.right)
    entrywise = f"{a}.^{b}"
    message, kind = _power_problem(base, exponent, whole, entrywise)
    hint = None
    if base.is_column and exponent.is_scalar:
        square = f"{_transposed(a)}*{a}"
        hint = say("For the square of its length write {square}.", square=square)
    return ShapeError(message, kind=kind, span=at.span, hint=hint, fixes=at.fixes(entrywise))


def _power_problem(
    base: Shape, exponent: Shape, whole: int | None, use: str
) -> tuple[Message, str]:
    """What is wrong with a power, and the kind of the error."""
    if not exponent.is_scalar:
        message = say(
            "{base} to the power of {exponent} is ambiguous; use {use}.",
            base=_noun_at_the_beginning(base),
            exponent=_noun(exponent),
            use=use,
        )
        return message, "ambiguous"
    if base.is_vector:
        message = say("The power of a vector is ambiguous; use {use} element-wise.", use=use)
        return message, "ambiguous"
    if whole is None:
        message = say("A matrix has integer powers only; use {use} element-wise.", use=use)
        return message, "non_integer_power"
    what = say("Power") if whole >= 0 else say("Inverse")
    message = say(
        "{what} of a non-square matrix ({rows} x {columns}); use {use} element-wise.",
        what=what,
        rows=base.rows,
        columns=base.cols,
        use=use,
    )
    return message, "not_square"


def _noun_at_the_beginning(shape: Shape) -> Message:
    if shape.is_scalar:
        return say("A scalar")
    return say("A vector") if shape.is_vector else say("A matrix")


def huge_power_error(exponent: int, limit: int, at: Operands) -> LimitError:
    return LimitError(
        say(
            "The matrix power {left}^{exponent} is too long: exponents from -{limit} to "
            "{limit} are expanded.",
            left=at.left,
            exponent=exponent,
            limit=limit,
        ),
        kind="too_long",
        span=at.span,
    )
