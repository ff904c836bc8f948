"""From tokens to the formula tree, by one loop without recursion.

The grammar has a fixed number of levels (sum, product, sign, power, operand), so what is
pending inside one bracket fits into one :class:`~gradform.syntax.parser.expression.Expression`;
only brackets nest, and they stand on an explicit stack. The loop is in one of three states: it
expects an operand, an operator, or, after the lone ``:`` of an index, the end of that index. In
each state a kind of token has one rule, a function that is registered where it is defined; it
returns the next state, None at the end of a formula.

The parser knows no variables and no functions: ``x(2)`` and ``sin(x)`` are both a ``Call``.
"""

from __future__ import annotations

from gradform.syntax.parser import arguments, brackets, operands, operators, statements
from gradform.syntax.parser.statements import parse_formula

__all__ = ["arguments", "brackets", "operands", "operators", "parse_formula", "statements"]
