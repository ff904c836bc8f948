"""Errors for operands whose shapes do not fit, with the spelling that was probably meant."""

from __future__ import annotations

import re
from typing import NamedTuple

from gradform.errors import LimitError, ShapeError, Span
from gradform.formula.tree import Add, Mul, Power
from gradform.functions.shapes import Shape, describe

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
    """What stands left and right of an operator, as typed, and where the operator is."""

    left: str
    right: str
    span: Span


def operands(node: Add | Mul | Power, position: int, source: str) -> Operands:
    """The operands of the operator before child ``position``; all to its left is one."""
    span, end = operator_span(node, position), node.span.end
    if not isinstance(node, Power) and position + 1 < len(node.op_spans):
        end = node.op_spans[position + 1].start
    left, right = source[node.span.start : span.start], source[span.end : end]
    return Operands(_short(left, "u"), _short(right, "v"), span)


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


def _noun(shape: Shape) -> str:
    return "a scalar" if shape.is_scalar else "a vector" if shape.is_vector else "a matrix"


def sum_error(
    left: Shape, right: Shape, sign: int, at: Operands, hint: str | None = None
) -> ShapeError:
    """The error for a sum of two shapes that differ."""
    if left.is_scalar or right.is_scalar:
        return _scalar_sum_error(left, right, sign, at, hint)
    first, second = describe(left), describe(right)
    what = f"add {first} and {second}" if sign > 0 else f"subtract {second} from {first}"
    if hint is None and (left.rows, left.cols) == (right.cols, right.rows):
        hint = f"Transpose one of them: {at.left}{'+' if sign > 0 else '-'}{_transposed(at.right)}"
    return ShapeError(f"Cannot {what}.", kind="dimension_mismatch", span=at.span, hint=hint)


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
    what = f"add {first} and {second}" if sign > 0 else f"subtract {second} from {first}"
    if hint is None and array.is_matrix:
        hint = "For a multiple of the identity write c*eye."
    return ShapeError(
        f"Cannot {what}; use {use}.", kind="scalar_matrix_add", span=at.span, hint=hint
    )


def product_error(left: Shape, right: Shape, at: Operands) -> ShapeError:
    """The error for a matrix product whose inner sizes differ."""
    a, b = bracketed(at.left), bracketed(at.right)
    if left.is_vector and right.is_vector and left.is_column == right.is_column:
        kind = "column" if left.is_column else "row"
        inner, outer = f"{_transposed(a)}*{b}", f"{a}*{_transposed(b)}"
        message = f"Cannot multiply two {kind} vectors; did you mean {inner}, {outer} or {a}.*{b}?"
        return ShapeError(message, kind="dimension_mismatch", span=at.span)
    candidates = []
    if left.rows is right.rows:
        candidates.append(f"{_transposed(a)}*{b}")
    if left.cols is right.cols:
        candidates.append(f"{a}*{_transposed(b)}")
    return ShapeError(
        f"Cannot multiply {describe(left)} by {describe(right)}: "
        f"the inner sizes {left.cols} and {right.rows} differ.",
        kind="dimension_mismatch",
        span=at.span,
        hint=f"Did you mean {' or '.join(candidates)}?" if candidates else None,
    )


def entrywise_error(left: Shape, right: Shape, operator: str, at: Operands) -> ShapeError:
    """The error for ``.*``, ``./`` or ``.^`` of two shapes that differ."""
    return ShapeError(
        f"{operator} needs equal shapes or a scalar; "
        f"these are {describe(left)} and {describe(right)}.",
        kind="dimension_mismatch",
        span=at.span,
    )


def division_error(divisor: Shape, at: Operands) -> ShapeError:
    """The error for ``/`` by something that is no scalar."""
    a, b = bracketed(at.left), bracketed(at.right)
    inverse = f"{a}*inv({at.right}) or " if divisor.is_matrix else ""
    return ShapeError(
        f"Division by {_noun(divisor)} is ambiguous; use {inverse}{a}./{b}.",
        kind="ambiguous",
        span=at.span,
    )


def power_error(base: Shape, exponent: Shape, whole: int | None, at: Operands) -> ShapeError:
    """The error for a power ``^`` that has no one meaning."""
    a, b = bracketed(at.left), bracketed(at.right)
    entrywise = f"{a}.^{b}"
    if not exponent.is_scalar:
        message = f"{_noun(base)} to the power of {_noun(exponent)} is ambiguous; use {entrywise}."
        kind = "ambiguous"
    elif base.is_vector:
        message = f"The power of a vector is ambiguous; use {entrywise} element-wise."
        kind = "ambiguous"
    elif whole is None:
        message = f"A matrix has integer powers only; use {entrywise} element-wise."
        kind = "non_integer_power"
    else:
        what = "Power" if whole >= 0 else "Inverse"
        message = f"{what} of a non-square matrix ({base.rows} x {base.cols}); "
        message += f"use {entrywise} element-wise."
        kind = "not_square"
    message = message[0].upper() + message[1:]
    hint = None
    if base.is_column and exponent.is_scalar:
        hint = f"For the square of its length write {_transposed(a)}*{a}."
    return ShapeError(message, kind=kind, span=at.span, hint=hint)


def huge_power_error(exponent: int, limit: int, at: Operands) -> LimitError:
    return LimitError(
        f"The matrix power {at.left}^{exponent} is too long: "
        f"exponents from -{limit} to {limit} are expanded.",
        kind="too_long",
        span=at.span,
    )
