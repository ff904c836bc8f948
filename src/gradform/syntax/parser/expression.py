"""What is read of an expression: a sum of products of signed powers."""

from __future__ import annotations

from typing import TypeAlias

from gradform.errors import Span
from gradform.formula.tree import Add, Formula, Mul, Neg, Power, Transpose
from gradform.syntax.lexer import Token

__all__ = ["Expression"]

_UNUSED = Span(0, 0)

# Base, its start, the operator, and where the signs before the base begin and their product.
_PendingPower: TypeAlias = tuple[Formula, int, Token, int, bool]


class Expression:
    """The expression being read inside one bracket: a sum of products of signed powers.

    ``node`` is the latest operand; ``start`` and ``end`` are its extent in the text
    including redundant parentheses, which ``node.span`` leaves out.
    """

    __slots__ = (
        "end",
        "factors",
        "negative",
        "node",
        "operator_spans",
        "operators",
        "power",
        "product_start",
        "sign_spans",
        "sign_start",
        "signs",
        "start",
        "sum_start",
        "terms",
    )
    node: Formula
    start: int
    end: int

    def __init__(self) -> None:
        self.sign_start = -1  # where the signs before the operand begin; -1: there are none
        self.negative = False
        self.power: _PendingPower | None = None
        self.factors: list[Formula] = []
        self.terms: list[Formula] = []

    def unary_sign(self, token: Token) -> None:
        """Signs are counted, not nested, so ``--x`` is x and a long run costs no depth."""
        if self.sign_start < 0:
            self.sign_start = token.start
        if token.text == "-":
            self.negative = not self.negative

    def operand(self, node: Formula, start: int, end: int) -> None:
        self.node = node
        self.start = start
        self.end = end
        if self.power is not None:
            self._close_power(self.power)

    def transpose(self, token: Token) -> None:
        """``x''`` is x: a transpose of a transpose is taken off again."""
        self.end = token.end
        node = self.node
        if isinstance(node, Transpose):
            self.node = node.operand
        else:
            self.node = Transpose(node, Span(self.start, token.end))

    def raise_to(self, operator: Token) -> None:
        """``^`` follows. The signs of the base wait: they apply to the whole power."""
        self.power = (self.node, self.start, operator, self.sign_start, self.negative)
        self.sign_start = -1
        self.negative = False

    def _close_power(self, power: _PendingPower) -> None:
        base, start, operator, sign_start, negative = power
        if self.sign_start >= 0:
            self._apply_sign()
        span = Span(start, self.end)
        operator_span = Span(operator.start, operator.end)
        self.node = Power(base, self.node, operator.text == ".^", span, operator_span)
        self.start = start
        self.sign_start = sign_start
        self.negative = negative
        self.power = None

    def _apply_sign(self) -> None:
        self.start = self.sign_start
        if self.negative:
            self.node = Neg(self.node, Span(self.start, self.end))
        self.sign_start = -1
        self.negative = False

    def times(self, operator: Token) -> None:
        """A factor is complete; ``operator`` and another factor follow."""
        if self.sign_start >= 0:
            self._apply_sign()
        if not self.factors:
            self.product_start = self.start
            self.operators = ["*"]
            self.operator_spans = [_UNUSED]
        self.factors.append(self.node)
        self.operators.append(operator.text)
        self.operator_spans.append(Span(operator.start, operator.end))

    def _close_product(self) -> None:
        if self.sign_start >= 0:
            self._apply_sign()
        if self.factors:
            self.factors.append(self.node)
            self.start = self.product_start
            self.node = Mul(
                tuple(self.factors),
                tuple(self.operators),
                Span(self.start, self.end),
                tuple(self.operator_spans),
            )
            self.factors = []

    def plus(self, operator: Token) -> None:
        """A term is complete; ``+`` or ``-`` and another term follow."""
        self._close_product()
        if not self.terms:
            self.sum_start = self.start
            self.signs = [1]
            self.sign_spans = [_UNUSED]
        self.terms.append(self.node)
        self.signs.append(1 if operator.text == "+" else -1)
        self.sign_spans.append(Span(operator.start, operator.end))

    def result(self) -> Formula:
        """The whole expression; afterwards another one can be read."""
        self._close_product()
        if self.terms:
            self.terms.append(self.node)
            self.start = self.sum_start
            self.node = Add(
                tuple(self.terms),
                tuple(self.signs),
                Span(self.start, self.end),
                tuple(self.sign_spans),
            )
            self.terms = []
        return self.node
