"""From tokens to the formula tree, by one loop without recursion.

The grammar has a fixed number of levels (sum, product, sign, power, operand), so what is
pending inside one bracket fits into one :class:`_Expression`; only brackets nest, and they
stand on an explicit stack. The loop is in one of three states: it expects an operand, an
operator, or, after the lone ``:`` of an index, the end of that index. A state is a table
from token kinds to handlers; a handler returns the next state, None at the end of a formula.

The parser knows no variables and no functions: ``x(2)`` and ``sin(x)`` are both a ``Call``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from gradform.errors import (
    Fix,
    FormulaSyntaxError,
    GradformError,
    LimitError,
    Span,
    UnknownNameError,
)
from gradform.formula.tree import (
    Add,
    Call,
    Compare,
    Definition,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Program,
    Slice,
    Stack,
    Transpose,
)
from gradform.language import Message, say
from gradform.syntax.lexer import (
    CHOOSE_VARIABLE,
    COMPARE,
    Kind,
    Token,
    bad_character,
    number_value,
    place,
    reading_notes,
    tokenize,
)
from gradform.syntax.limits import DEFAULT_LIMITS, Limits

__all__ = ["parse_formula"]

_UNUSED = Span(0, 0)
_CLOSER = {Kind.PARENTHESIS: ")", Kind.BRACKET: "]"}
_BEGINS_OPERAND = frozenset({Kind.NAME, Kind.NUMBER, Kind.PARENTHESIS, Kind.BRACKET})
_BEGINS_FORMULA = _BEGINS_OPERAND | {Kind.SIGN}
_LONGEST_QUOTE = 24
_WITH_RESPECT_TO = re.compile(r"(?:wrt|w\.r\.t)\b", re.IGNORECASE)
_DERIVATIVE_OPERATOR = re.compile(r"\s*(d[\w^]*\s*/\s*d[\w^]+)\s*$")


def parse_formula(source: str, limits: Limits = DEFAULT_LIMITS) -> Program:
    """The tree of ``source``: definitions, the formula, and notes on characters read as others.

    Raises ``FormulaSyntaxError`` where the text is not a formula, ``LimitError`` where it
    exceeds ``limits`` and ``UnknownNameError`` for a name nobody can have declared.
    """
    return _Parser(source, limits).program()


class _Expression:
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


# Base, its start, the operator, and where the signs before the base begin and their product.
_PendingPower: TypeAlias = tuple[Formula, int, Token, int, bool]


class _Bracket:
    """An open ``(`` or ``[``: what was read before it, and its finished items."""

    __slots__ = ("compared", "items", "name", "opener", "outer", "rows", "slice_from")

    def __init__(self, opener: Token, name: Token | None, outer: _Expression) -> None:
        self.opener = opener
        self.name = name  # of the function or variable, for a call
        self.outer = outer
        self.items: list[Formula] = []  # arguments of a call, or blocks of the current row
        self.rows: list[tuple[Formula, ...]] = []
        self.slice_from: tuple[Formula, int] | None = None  # "2" of "2:n", and its start
        self.compared: tuple[Formula, int, Token] | None = None  # "x" of "x < 1", its start, "<"


class _State(dict[Kind, "_Handler"]):
    """What each kind of token does in this state."""


class _Parser:
    """One run over one text."""

    __slots__ = (
        "at",
        "brackets",
        "expression",
        "in_definition",
        "limits",
        "source",
        "statement_start",
        "tokens",
    )

    def __init__(self, source: str, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self.tokens = tokenize(source, limits)
        self.at = 0  # index of the next token
        self.statement_start = 0
        self.in_definition = False
        self.expression = _Expression()
        self.brackets: list[_Bracket] = []

    # Statements

    def program(self) -> Program:
        definitions: list[Definition] = []
        while True:
            name = self._definition_head()
            self.in_definition = name is not None
            value = self._formula()
            if name is None:
                break
            definitions.append(Definition(name.text, value, Span(name.start, name.end)))
            self._skip_separators()
        self._expect_nothing_more()
        return Program(tuple(definitions), value, self.source, reading_notes(self.source))

    def _definition_head(self) -> Token | None:
        """The name of ``name =`` where a definition begins, else None."""
        if self.tokens[self.at].kind is Kind.NEWLINE:
            self.at += 1
        name = None
        if self._starts_definition(self.at):
            name = self.tokens[self.at]
            self._check_name(name)
            self.at += 2
        self.statement_start = self.at
        return name

    def _starts_definition(self, at: int) -> bool:
        # The END token is never a name, so at + 1 is inside the list.
        tokens = self.tokens
        return tokens[at].kind is Kind.NAME and tokens[at + 1].kind is Kind.EQUALS

    def _skip_separators(self) -> None:
        while self.tokens[self.at].kind in (Kind.SEMICOLON, Kind.NEWLINE):
            self.at += 1

    def _expect_nothing_more(self) -> None:
        separator = self.tokens[self.at]
        self._skip_separators()
        if self.tokens[self.at].kind is not Kind.END:
            raise self._error(
                say("More follows after the formula, which must be the last statement."),
                separator,
                hint=say("Name what comes before it: u = A*x - b; u'*u"),
            )

    def _formula(self) -> Formula:
        tokens = self.tokens
        state: _State | None = _OPERAND
        while state is not None:
            token = tokens[self.at]
            self.at += 1
            state = state[token.kind](self, token)
        return self.expression.result()

    def _end_statement(self) -> None:
        self.at -= 1  # the separator is for program() to see

    # An operand is expected

    def _name(self, token: Token) -> _State:
        self._check_name(token)
        at = self.at
        if self.tokens[at].kind is Kind.NEWLINE and (self.brackets or not self.in_definition):
            at += 1
        if self.tokens[at].kind is Kind.PARENTHESIS:
            self.at = at + 1
            return self._open(self.tokens[at], token)
        start, end = token.start, token.end
        self.expression.operand(Name(token.text, Span(start, end)), start, end)
        return _OPERATOR

    def _check_name(self, token: Token) -> None:
        if token.end - token.start > self.limits.name_characters:
            raise UnknownNameError(
                say(
                    "Undefined name '{name}' of {length:,} characters; names have at most "
                    "{limit:,}.",
                    name=_short(token.text),
                    length=token.end - token.start,
                    limit=self.limits.name_characters,
                ),
                kind="undefined_variable",
                span=Span(token.start, token.end),
                source=self.source,
            )

    def _number(self, token: Token) -> _State:
        start, end = token.start, token.end
        self.expression.operand(self._literal(token, token.text), start, end)
        return _OPERATOR

    def _literal(self, token: Token, text: str) -> Number:
        try:
            value = number_value(text, self.limits.number_characters)
        except ValueError as reason:
            message = say(
                "The number {number} {reason}.", number=_short(text), reason=reason.args[0]
            )
            raise self._error(message, token) from None
        return Number(value, Span(token.start, token.end))

    def _unary_sign(self, token: Token) -> _State:
        self.expression.unary_sign(token)
        return _OPERAND

    def _open_group(self, token: Token) -> _State:
        return self._open(token, None)

    def _open(self, opener: Token, name: Token | None) -> _State:
        if len(self.brackets) >= self.limits.nesting:
            raise LimitError(
                say(
                    "The formula is nested too deeply: more than {nesting:,} parentheses are open "
                    "here.",
                    nesting=self.limits.nesting,
                ),
                kind="too_deep",
                span=Span(opener.start, opener.end),
                source=self.source,
                hint=say("Name inner parts: u = A*x - b; u'*u"),
            )
        self.brackets.append(_Bracket(opener, name, self.expression))
        self.expression = _Expression()
        return _OPERAND

    def _close_without_operand(self, token: Token) -> _State:
        """``f()`` is a call without arguments; every other closing here is an error."""
        bracket = self._matching_bracket(token)
        if bracket.name is not None and self._previous() is bracket.opener:
            return self._finish_bracket(bracket, token)
        raise self._operand_expected(token)

    def _whole_slice(self, token: Token) -> _State:
        """``:`` alone selects everything; it must be the whole argument."""
        previous = self._previous()
        bracket = self.brackets[-1] if self.brackets else None
        if bracket is None or bracket.name is None or previous is None:
            raise self._error(_COLON_ONLY_IN_INDEX, token)
        if previous is not bracket.opener and previous.kind is not Kind.COMMA:
            raise self._operand_expected(token)
        span = Span(token.start, token.end)
        self.expression.operand(Slice(None, None, span), token.start, token.end)
        return _AFTER_COLON

    def _newline_before_operand(self, token: Token) -> _State:
        if not self.brackets and self._starts_definition(self.at):
            raise self._operand_missing(token, say("The line"))
        return _OPERAND

    def _compare_without_operand(self, token: Token) -> _State:
        if self._may_compare():
            raise self._operand_expected(token)
        raise self._misplaced_comparison(token)

    def _no_operand(self, token: Token) -> _State:
        raise self._operand_expected(token)

    # An operator is expected

    def _plus(self, token: Token) -> _State:
        self.expression.plus(token)
        return _OPERAND

    def _times(self, token: Token) -> _State:
        self.expression.times(token)
        return _OPERAND

    def _power(self, token: Token) -> _State:
        self.expression.raise_to(token)
        return _OPERAND

    def _superscript(self, token: Token) -> _State:
        digits = token.text.removeprefix("⁻")
        exponent: Formula = self._literal(token, digits)
        if digits != token.text:
            exponent = Neg(exponent, Span(token.start, token.end))
        self.expression.raise_to(token)
        self.expression.operand(exponent, token.start, token.end)
        return _OPERATOR

    def _transpose(self, token: Token) -> _State:
        self.expression.transpose(token)
        return _OPERATOR

    def _comma(self, token: Token) -> _State:
        bracket = self.brackets[-1] if self.brackets else None
        if bracket is None or (bracket.name is None and bracket.opener.kind is Kind.PARENTHESIS):
            raise self._error(
                say("',' separates arguments of a function and blocks inside [ ] only."),
                token,
                hint=self._comma_hint(),
            )
        bracket.items.append(self._item(bracket))
        return _OPERAND

    def _semicolon(self, token: Token) -> _State | None:
        if not self.brackets:
            self._end_statement()
            return None
        bracket = self.brackets[-1]
        if bracket.opener.kind is not Kind.BRACKET:
            raise self._never_closed(
                bracket, say(" before the ';' at {place}", place=self._place(token))
            )
        bracket.items.append(self._item(bracket))
        bracket.rows.append(tuple(bracket.items))
        bracket.items = []
        return _OPERAND

    def _colon(self, token: Token) -> _State:
        bracket = self.brackets[-1] if self.brackets else None
        if bracket is None or bracket.name is None:
            raise self._error(_COLON_ONLY_IN_INDEX, token)
        if bracket.slice_from is not None:
            raise self._error(say("A slice has one ':'; steps are not supported."), token)
        if bracket.compared is not None:
            raise self._error(_COLON_ONLY_IN_INDEX, token)
        value = self.expression.result()
        bracket.slice_from = (value, self.expression.start)
        return _OPERAND

    def _compare(self, token: Token) -> _State:
        """The left side of a comparison is complete; it must be a whole argument of a call."""
        bracket = self.brackets[-1] if self.brackets else None
        if bracket is None or not self._may_compare():
            raise self._misplaced_comparison(token)
        if bracket.compared is not None:
            raise self._error(
                say(
                    "A condition is one comparison; unexpected second {found}.",
                    found=self._found(token),
                ),
                token,
                hint=say("Write one condition after the other: piecewise(x < 0, 0, x < 1, x, 1)."),
            )
        value = self.expression.result()
        bracket.compared = (value, self.expression.start, token)
        return _OPERAND

    def _may_compare(self) -> bool:
        """Whether the innermost bracket is that of a call, and no slice is being read."""
        bracket = self.brackets[-1] if self.brackets else None
        return bracket is not None and bracket.name is not None and bracket.slice_from is None

    def _close(self, token: Token) -> _State:
        bracket = self._matching_bracket(token)
        bracket.items.append(self._item(bracket))
        return self._finish_bracket(bracket, token)

    def _item(self, bracket: _Bracket) -> Formula:
        value = self.expression.result()
        if bracket.compared is not None:
            left, start, sign = bracket.compared
            bracket.compared = None
            span = Span(start, self.expression.end)
            return Compare(sign.text, left, value, span, Span(sign.start, sign.end))
        if bracket.slice_from is None:
            return value
        first, start = bracket.slice_from
        bracket.slice_from = None
        return Slice(first, value, Span(start, self.expression.end))

    def _matching_bracket(self, closer: Token) -> _Bracket:
        if not self.brackets:
            raise self._error(
                say(
                    "Unmatched '{closer}' at {place}.",
                    closer=closer.text,
                    place=self._place(closer),
                ),
                closer,
                kind="unbalanced",
                fixes=[Fix(Span(closer.start, closer.end), "")],
            )
        bracket = self.brackets[-1]
        if _CLOSER[bracket.opener.kind] != closer.text:
            raise self._error(
                say(
                    "'{closer}' does not match the '{opener}' at {place}.",
                    closer=closer.text,
                    opener=bracket.opener.text,
                    place=self._place(bracket.opener),
                ),
                closer,
                kind="unbalanced",
            )
        return bracket

    def _finish_bracket(self, bracket: _Bracket, closer: Token) -> _State:
        name = bracket.name
        start, end = (name or bracket.opener).start, closer.end
        if name is not None:
            name_span = Span(name.start, name.end)
            node: Formula = Call(name.text, tuple(bracket.items), Span(start, end), name_span)
        elif bracket.opener.kind is Kind.BRACKET:
            node = Stack((*bracket.rows, tuple(bracket.items)), Span(start, end))
        else:
            node = bracket.items[0]
        self.brackets.pop()
        self.expression = bracket.outer
        self.expression.operand(node, start, end)
        return _OPERATOR

    def _newline_after_operand(self, _token: Token) -> _State | None:
        """A newline ends a definition, and any statement before a definition; else it is a blank.

        A definition goes on where the next line cannot begin a formula. A line that begins
        with a sign can: ``-y'*log(p)`` after ``p = sigmoid(A*x)`` is the formula.
        """
        definition_follows = self._starts_definition(self.at)
        if self.brackets:
            if definition_follows:
                raise self._never_closed(self.brackets[-1])
            return _OPERATOR
        formula_follows = self.tokens[self.at].kind in _BEGINS_FORMULA
        if definition_follows or (self.in_definition and formula_follows):
            self._end_statement()
            return None
        return _OPERATOR

    def _end(self, _token: Token) -> None:
        if self.brackets:
            raise self._never_closed(self.brackets[-1])
        self._end_statement()

    def _no_operator(self, token: Token) -> _State:
        raise self._operator_missing(token)

    def _equals(self, token: Token) -> _State:
        raise self._unexpected_equals(token)

    # After the lone ":" of an index

    def _newline_after_colon(self, _token: Token) -> _State:
        return _AFTER_COLON

    def _no_end_of_index(self, token: Token) -> _State:
        if token.kind is Kind.END:
            raise self._never_closed(self.brackets[-1])
        message = say("',' or ')' expected after ':', found {found}.", found=self._found(token))
        raise self._error(message, token, hint=_SLICE_HINT)

    # Errors

    def _bad(self, token: Token) -> _State:
        raise bad_character(self.source, token)

    def _error(
        self,
        message: str,
        token: Token,
        *,
        kind: str = "syntax",
        hint: str | None = None,
        fixes: Sequence[Fix] = (),
    ) -> FormulaSyntaxError:
        span = Span(token.start, token.end)
        return FormulaSyntaxError(
            message, kind=kind, span=span, source=self.source, hint=hint, fixes=fixes
        )

    def _misplaced_comparison(self, token: Token) -> FormulaSyntaxError:
        return self._error(
            say(
                "A comparison is only meant inside piecewise; unexpected {found}.",
                found=self._found(token),
            ),
            token,
            kind="bad_char",
            hint=COMPARE,
        )

    def _place(self, token: Token) -> str:
        return place(self.source, token.start)

    def _typed(self, token: Token) -> str:
        return _short(self.source[token.start : token.end])

    def _found(self, token: Token) -> Message:
        if token.kind is Kind.END:
            return say("the end")
        return say("'{typed}'", typed=self._typed(token))

    def _never_closed(self, bracket: _Bracket, where: str = "") -> FormulaSyntaxError:
        opener = bracket.opener
        owner = "" if bracket.name is None else say(" of {name}(", name=_short(bracket.name.text))
        return self._error(
            say(
                "'{opener}'{owner} at {place} is never closed{where}.",
                opener=opener.text,
                owner=owner,
                place=self._place(opener),
                where=where,
            ),
            opener,
            kind="unbalanced",
            hint=say("Add the missing '{closer}'.", closer=_CLOSER[opener.kind]),
            fixes=[] if where else [self._all_closed()],
        )

    def _all_closed(self) -> Fix:
        """Every open bracket closed at the end of the text."""
        end = len(self.source.rstrip())
        missing = (_CLOSER[bracket.opener.kind] for bracket in reversed(self.brackets))
        return Fix(Span(end, end), "".join(missing))

    def _previous(self) -> Token | None:
        """The token before the current one, newlines left out; None at the first."""
        at = self.at - 2
        if at >= 0 and self.tokens[at].kind is Kind.NEWLINE:
            at -= 1
        return self.tokens[at] if at >= 0 else None

    def _operand_expected(self, token: Token) -> GradformError:
        previous = self._previous()
        if token.kind is Kind.END:
            return self._operand_missing(token, say("The expression"))
        if token.kind is Kind.TRANSPOSE:
            return self._error(
                say("Transpose {typed} must follow its operand.", typed=self._typed(token)),
                token,
                hint=say("Write x' for the transpose of x."),
            )
        if token.kind is Kind.EQUALS:
            return self._unexpected_equals(token)
        if previous is not None and token.kind in (Kind.COMMA, Kind.SEMICOLON, Kind.CLOSE):
            missing = self._missing_item(token, previous)
            if missing is not None:
                return missing
        message = say("Operand expected, found {found}.", found=self._found(token))
        if token.text == "*" and previous is not None and self.source[previous.start] == "*":
            return self._double_star(message, token)
        return self._error(message, token)

    def _double_star(self, message: Message, token: Token) -> FormulaSyntaxError:
        return self._error(
            say(
                "{message} '**' is not a power operator here: use ^ (or .^ element-wise).",
                message=message,
            ),
            token,
            hint=say("Write x^2, or x.^2 element by element."),
            fixes=[Fix(Span(token.start - 1, token.end), "^")],
        )

    def _missing_item(self, token: Token, previous: Token) -> FormulaSyntaxError | None:
        """The error for nothing between two of ``( , : ; )``, None where an operator precedes."""
        bracket = self.brackets[-1] if self.brackets else None
        if bracket is None:
            return None
        if previous is bracket.opener and token.kind is Kind.CLOSE:
            parentheses = bracket.opener.kind is Kind.PARENTHESIS
            message = say("Empty parentheses.") if parentheses else say("Empty brackets.")
            return self._error(message, token)
        if previous.kind is Kind.COLON:
            message = say(
                "The end of the slice is missing before {found}.", found=self._found(token)
            )
            return self._error(message, token, hint=_SLICE_HINT)
        if previous is bracket.opener or previous.kind in (Kind.COMMA, Kind.SEMICOLON):
            found = self._found(token)
            if bracket.opener.kind is Kind.BRACKET:
                message = say("A block is missing before {found}.", found=found)
            else:
                message = say("An argument is missing before {found}.", found=found)
            return self._error(message, token)
        return None

    def _operand_missing(self, token: Token, whole: str) -> FormulaSyntaxError:
        """The text, or the line before a definition, ends where an operand is expected."""
        previous = self._previous()
        hint = None
        if previous is None:
            blank = Token(Kind.END, "", 0, 0)
            return self._error(say("Empty input: there is no formula."), blank, kind="empty")
        if previous.kind is Kind.POWER:
            message = say("The exponent is missing after {found}.", found=self._found(previous))
        elif previous.kind is Kind.EQUALS:
            message = say("The value of the definition is missing after '='.")
        elif self.statement_start == self.at - 1:
            message = say("The formula is missing: there are only definitions.")
            hint = say(
                "Write only the right-hand side, or add a formula that uses it: u = A*x; u'*u"
            )
        else:
            message = say(
                "{whole} ends after {found}; an operand is missing.",
                whole=whole,
                found=self._found(previous),
            )
        return self._error(message, token, kind="unexpected_end", hint=hint)

    def _unexpected_equals(self, token: Token) -> FormulaSyntaxError:
        return self._error(
            say("Unexpected '='; only a name can be defined, at the beginning of a statement."),
            token,
            hint=say("Enter only the expression, or definitions before it: u = A*x - b; u'*u"),
        )

    def _comma_hint(self) -> str | None:
        before, after = self.tokens[self.at - 2], self.tokens[self.at]
        if before.kind is Kind.NUMBER and after.kind is Kind.NUMBER:
            return say(
                "Decimals are written with a point: {whole}.{decimals}",
                whole=before.text,
                decimals=after.text,
            )
        return None

    def _operator_missing(self, token: Token) -> FormulaSyntaxError:
        """Two operands in a row."""
        if _WITH_RESPECT_TO.match(self.source, token.start):
            return self._error(
                say("Unexpected {found}.", found=self._found(token)), token, hint=CHOOSE_VARIABLE
            )
        if operator := _DERIVATIVE_OPERATOR.match(self.source, 0, token.start):
            message = say("Missing operator after {operator}.", operator=operator[1])
            return self._error(message, token, hint=CHOOSE_VARIABLE)
        left = _short(self.source[self.expression.start : self.expression.end])
        right = _short(self.source[token.start : self._operand_end(token)])
        return self._error(
            say(
                "Missing operator between {left} and {right}: write {left}*{right}.",
                left=left,
                right=right,
            ),
            token,
            hint=self._juxtaposition_hint(left, right),
            fixes=[Fix(Span(self.expression.end, token.start), "*")],
        )

    def _juxtaposition_hint(self, left: str, right: str) -> str | None:
        """What two operands in a row may have meant other than a product."""
        before = self.tokens[self.at - 2]
        if before.kind is Kind.NEWLINE:
            return say("A new line goes on with the formula; only definitions end with their line.")
        if self.brackets and self.brackets[-1].opener.kind is Kind.BRACKET:
            return say("Separate blocks with ',' (side by side) or ';' (below one another).")
        if before.kind is Kind.NAME and len(before.text) > 1:
            return say("If {left} is a function, write {left}({right}).", left=left, right=right)
        return None

    def _operand_end(self, token: Token) -> int:
        """Where the operand that begins with ``token`` ends, for showing it."""
        depth = 0
        for following in self.tokens[self.at - 1 :]:
            if following.kind in _CLOSER:
                depth += 1
            elif following.kind is Kind.CLOSE:
                depth -= 1
            if depth == 0:
                return following.end
        return token.end


_Handler: TypeAlias = Callable[[_Parser, Token], _State | None]

_COLON_ONLY_IN_INDEX = say("':' is allowed in an index only, as in x(2:n).")
_SLICE_HINT = say("A slice has both ends, x(2:n), or is ':' alone, A(:, 1).")


def _short(text: str) -> str:
    """``text`` on one line, cut to a length that fits into a message."""
    text = " ".join(text[: 4 * _LONGEST_QUOTE].split())
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"


_OPERAND = _State(dict.fromkeys(Kind, _Parser._no_operand))
_OPERAND |= {
    Kind.NAME: _Parser._name,
    Kind.NUMBER: _Parser._number,
    Kind.SIGN: _Parser._unary_sign,
    Kind.PARENTHESIS: _Parser._open_group,
    Kind.BRACKET: _Parser._open_group,
    Kind.CLOSE: _Parser._close_without_operand,
    Kind.COLON: _Parser._whole_slice,
    Kind.COMPARISON: _Parser._compare_without_operand,
    Kind.NEWLINE: _Parser._newline_before_operand,
    Kind.BAD: _Parser._bad,
}

_OPERATOR = _State(dict.fromkeys(Kind, _Parser._no_operator))
_OPERATOR |= {
    Kind.SIGN: _Parser._plus,
    Kind.TIMES: _Parser._times,
    Kind.POWER: _Parser._power,
    Kind.SUPERSCRIPT: _Parser._superscript,
    Kind.TRANSPOSE: _Parser._transpose,
    Kind.COMMA: _Parser._comma,
    Kind.SEMICOLON: _Parser._semicolon,
    Kind.COLON: _Parser._colon,
    Kind.CLOSE: _Parser._close,
    Kind.EQUALS: _Parser._equals,
    Kind.COMPARISON: _Parser._compare,
    Kind.NEWLINE: _Parser._newline_after_operand,
    Kind.BAD: _Parser._bad,
    Kind.END: _Parser._end,
}

_AFTER_COLON = _State(dict.fromkeys(Kind, _Parser._no_end_of_index))
_AFTER_COLON |= {
    Kind.COMMA: _Parser._comma,
    Kind.CLOSE: _Parser._close,
    Kind.NEWLINE: _Parser._newline_after_colon,
    Kind.BAD: _Parser._bad,
}
