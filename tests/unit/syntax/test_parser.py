"""The grammar: which tree a text gives, and where its nodes stand in the text."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradform.errors import Span
from gradform.formula.tree import (
    Add,
    Call,
    Compare,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Slice,
    Stack,
    Transpose,
    children,
    fold,
)
from gradform.syntax.parser import parse_formula


def explicit(root: Formula) -> str:
    """The tree with a pair of parentheses around every operation."""
    return fold(root, _explicit)


def _explicit(node: Formula, parts: list[str]) -> str:
    match node:
        case Number():
            return f"{float(node.value):g}"
        case Name():
            return node.name
        case Call():
            return f"{node.name}({', '.join(parts)})"
        case Compare():
            return f"{parts[0]} {node.operator} {parts[1]}"
        case Neg():
            return f"(-{parts[0]})"
        case Transpose():
            return f"({parts[0]}')"
        case Power():
            return f"({parts[0]} {'.^' if node.elementwise else '^'} {parts[1]})"
        case Add():
            signs = ["+" if sign == 1 else "-" for sign in node.signs]
            return _joined(signs, parts)
        case Mul():
            return _joined(list(node.ops), parts)
        case Slice():
            return ":".join(parts) if parts else ":"
        case Stack():
            blocks = iter(parts)
            return f"[{'; '.join(', '.join(next(blocks) for _ in row) for row in node.rows)}]"


def _joined(operators: list[str], parts: list[str]) -> str:
    pairs = zip(operators[1:], parts[1:], strict=True)
    return f"({parts[0]}{''.join(f' {operator} {part}' for operator, part in pairs)})"


def tree(source: str) -> str:
    return explicit(parse_formula(source).body)


def nodes(root: Formula) -> list[Formula]:
    found = [root]
    for node in found:
        found.extend(children(node))
    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # postfix operators apply from the left
        ("x.^2'", "((x .^ 2)')"),
        ("A'^2", "((A') ^ 2)"),
        ("a^b^c", "((a ^ b) ^ c)"),
        ("a^b.^c", "((a ^ b) .^ c)"),
        ("2^-2^2", "((2 ^ (-2)) ^ 2)"),
        # signs bind weaker than powers, stronger than products
        ("-x.^2", "(-(x .^ 2))"),
        ("-x'", "(-(x'))"),
        ("-a*b", "((-a) * b)"),
        ("a*-b", "(a * (-b))"),
        ("-a+b", "((-a) + b)"),
        ("a - -b", "(a - (-b))"),
        ("A^-1", "(A ^ (-1))"),
        ("2^-x", "(2 ^ (-x))"),
        ("2^-x'", "((2 ^ (-x))')"),
        ("2^+x", "(2 ^ x)"),
        ("-2^-x*y", "((-(2 ^ (-x))) * y)"),
        ("x^(a+b)", "(x ^ (a + b))"),
        ("x^f(a)'", "((x ^ f(a))')"),
        ("2^[a]", "(2 ^ [a])"),
        # signs and transposes cancel in pairs
        ("--x", "x"),
        ("---x", "(-x)"),
        ("+x", "x"),
        ("-+-+x", "x"),
        ("x''", "x"),
        ("x'''", "(x')"),
        ("x^--2", "(x ^ 2)"),
        # sums and products are flat; parentheses keep their groups
        ("a+b-c+d", "(a + b - c + d)"),
        ("(a+b)-c", "((a + b) - c)"),
        ("a-(b+c)", "(a - (b + c))"),
        ("a/b*c", "(a / b * c)"),
        ("a/(b*c)", "(a / (b * c))"),
        ("a*b+c*d", "((a * b) + (c * d))"),
        ("a.*b*c./d", "(a .* b * c ./ d)"),
        ("((x))", "x"),
        ("(x')'", "x"),
        ("+x'*+A*-x", "((x') * A * (-x))"),
        # number forms
        ("1./x", "(1 ./ x)"),
        ("2.^x", "(2 .^ x)"),
        ("2.*x", "(2 .* x)"),
        ("1.5./x", "(1.5 ./ x)"),
        (".5*x", "(0.5 * x)"),
        ("0.5", "0.5"),
        ("1e3", "1000"),
        ("1E-2", "0.01"),
        ("2.5e+1", "25"),
        ("1e-3.*x", "(0.001 .* x)"),
        ("0e999999999", "0"),
        ("007", "7"),
        # calls, elements, slices
        ("f()", "f()"),
        ("f(x, y)", "f(x, y)"),
        ("f (x)", "f(x)"),
        ("f(x)'", "(f(x)')"),
        ("f(g(x)+1)*y", "(f((g(x) + 1)) * y)"),
        ("x(2)", "x(2)"),
        ("A(1,3)", "A(1, 3)"),
        ("x(2:n)", "x(2:n)"),
        ("x(1:n-1)'", "(x(1:(n - 1))')"),
        ("A(:,1)", "A(:, 1)"),
        ("A( : , 2:m )", "A(:, 2:m)"),
        ("x(:)", "x(:)"),
        ("x(n-1)", "x((n - 1))"),
        # stacks
        ("[a; b]", "[a; b]"),
        ("[A, B]", "[A, B]"),
        ("[a, b; c, d]'", "([a, b; c, d]')"),
        ("[[a; b], c]", "[[a; b], c]"),
        ("[-x]", "[(-x)]"),
        # other spellings
        ("A.T*x", "((A') * x)"),
        ("A.T.*B", "((A') .* B)"),
        ("A.*B", "(A .* B)"),
        ("A.*T", "(A .* T)"),
        ("x.T.T", "x"),
        ("A@x", "(A * x)"),
    ],
)
def test_tree(source: str, expected: str) -> None:
    assert tree(source) == expected


@pytest.mark.parametrize("blank", [" ", "\t", "  ", "\r\n", "\n", "\N{NO-BREAK SPACE}", "\u3000"])
def test_blanks_do_not_matter(blank: str) -> None:
    tight = "- f ( x , 2 ) ' * A ^ - 1 + 2 ./ [ a ; b ] - x ( 1 : n )"
    assert tree(tight.replace(" ", blank)) == tree(tight.replace(" ", ""))


def test_names_may_have_greek_letters_and_subscript_digits() -> None:
    assert tree("α*x₁ + Σ'*_b2") == "((α * x₁) + ((Σ') * _b2))"


def test_decimal_literals_are_exact() -> None:
    body = parse_formula("0.1").body
    assert isinstance(body, Number)
    assert body.value == Fraction(1, 10)


# Statements


def statements(source: str) -> list[str]:
    program = parse_formula(source)
    lines = [f"{part.name} = {explicit(part.value)}" for part in program.definitions]
    return [*lines, explicit(program.body)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x", ["x"]),
        ("x;", ["x"]),
        ("u = a*x; u'*u", ["u = (a * x)", "((u') * u)"]),
        ("u = x; v = tanh(u); v'*v", ["u = x", "v = tanh(u)", "((v') * v)"]),
        ("u = x;; v = u;\n\nv\n", ["u = x", "v = u", "v"]),
        ("\n u = a*x \n u'*u \n", ["u = (a * x)", "((u') * u)"]),
        ("u = x\r\nv = u\r\nv", ["u = x", "v = u", "v"]),
        # a line that cannot begin a formula goes on with the definition
        ("u = a\n*b\nu", ["u = (a * b)", "u"]),
        ("u = a*\nb\nu", ["u = (a * b)", "u"]),
        ("u = f(a,\nb\n)\nu", ["u = f(a, b)", "u"]),
        ("u =\na\nu", ["u = a", "u"]),
        ("u = a\n'; u", ["u = (a')", "u"]),
        # a line that can begin a formula does
        ("p = f(x)\n-y'*p", ["p = f(x)", "((-(y')) * p)"]),
        ("u = a\n(u)", ["u = a", "u"]),
        ("u = a\n[u; u]", ["u = a", "[u; u]"]),
        # in the formula itself a newline is a blank
        ("x'*A*x\n+x'*x", ["(((x') * A * x) + ((x') * x))"]),
        ("f\n(x)", ["f(x)"]),
        ("u = 1; f\n(\n:\n,\n1\n)", ["u = 1", "f(:, 1)"]),
        ("u = [a; b]; u", ["u = [a; b]", "u"]),
    ],
)
def test_statements(source: str, expected: list[str]) -> None:
    assert statements(source) == expected


def test_program_keeps_the_typed_text_and_name_spans() -> None:
    source = "u = x; w₁ = u; w₁"
    program = parse_formula(source)
    assert program.source == source
    spans = [part.name_span for part in program.definitions]
    assert [source[span.start : span.end] for span in spans] == ["u", "w₁"]


# Spans


def test_spans_of_operators() -> None:
    source = "a + b - c .* d / e ^ f"
    body = parse_formula(source).body
    assert isinstance(body, Add)
    assert body.op_spans[1:] == (Span(2, 3), Span(6, 7))
    product = body.terms[2]
    assert isinstance(product, Mul)
    assert product.op_spans[1:] == (Span(10, 12), Span(15, 16))
    power = product.factors[2]
    assert isinstance(power, Power)
    assert power.op_span == Span(19, 20)


def test_spans_of_typed_spellings() -> None:
    source = "A\N{MULTIPLICATION SIGN}(b⊙c)²"
    body = parse_formula(source).body
    assert isinstance(body, Mul)
    assert body.op_spans[1] == Span(1, 2)
    power = body.factors[1]
    assert isinstance(power, Power)
    assert (power.span, power.op_span) == (Span(2, 8), Span(7, 8))
    assert power.base.span == Span(3, 6)
    assert power.exponent.span == Span(7, 8)


def test_spans_of_calls_and_slices() -> None:
    source = " f (x, 2:n, :) "
    body = parse_formula(source).body
    assert isinstance(body, Call)
    assert (body.span, body.name_span) == (Span(1, 14), Span(1, 2))
    assert [argument.span for argument in body.args] == [Span(4, 5), Span(7, 10), Span(12, 13)]


_leaves = st.sampled_from(["a", "x₁", "β", "2", "0.5", ".25", "f()", "A(:, 1)", "x(2:n)"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    blank = st.sampled_from(["", " ", "\n"])
    operator = st.sampled_from([*"+-*/@", ".*", "./", " ^", ".^", "^-", "*-", "- -"])
    return st.one_of(
        st.tuples(inner, blank, operator, blank, inner).map("".join),
        st.tuples(st.sampled_from(["-", "+", "- -"]), inner).map("".join),
        st.tuples(inner, st.sampled_from(["'", " '", "''", ".T"])).map("".join),
        inner.map("({})".format),
        inner.map("( {} )".format),
        st.tuples(inner, inner).map(lambda pair: f"g({pair[0]}, {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"[{pair[0]}; {pair[1]}]"),
        st.tuples(inner, inner).map(lambda pair: f"y({pair[0]}:{pair[1]})"),
    )


formulas = st.recursive(_leaves, _larger, max_leaves=12)


@given(formulas)
def test_explicit_parentheses_change_nothing(source: str) -> None:
    assert tree(tree(source)) == tree(source)


@given(formulas)
def test_the_span_of_a_node_is_the_text_of_that_node(source: str) -> None:
    for node in nodes(parse_formula(source).body):
        text = source[node.span.start : node.span.end]
        wrapped = f"x({text})" if isinstance(node, Slice) else text
        expected = f"x({explicit(node)})" if isinstance(node, Slice) else explicit(node)
        assert tree(wrapped) == expected


@given(formulas)
def test_operator_spans_show_the_operator(source: str) -> None:
    for node in nodes(parse_formula(source).body):
        if isinstance(node, Add):
            shown = [source[span.start : span.end] for span in node.op_spans[1:]]
            assert shown == ["+" if sign == 1 else "-" for sign in node.signs[1:]]
        if isinstance(node, Mul):
            shown = [source[span.start : span.end].replace("@", "*") for span in node.op_spans[1:]]
            assert shown == list(node.ops[1:])
        if isinstance(node, Power):
            operator = source[node.op_span.start : node.op_span.end]
            assert operator == (".^" if node.elementwise else "^")


# Python agrees with this grammar on scalars, chains of powers apart.


def _scalar(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from([*"+-*/"]), inner).map("".join),
        st.tuples(st.sampled_from("+-"), inner).map("".join),
        st.tuples(inner, st.sampled_from([" + b^2", " * a^-2", "-c^-1/b"])).map("".join),
        inner.map("({})".format),
        inner.map("({})^2".format),
    )


_VALUES = {"a": Fraction(2, 3), "b": Fraction(-5, 7), "c": Fraction(11, 13)}


def _evaluate(node: Formula, parts: list[Fraction]) -> Fraction:
    match node:
        case Number():
            return node.value
        case Name():
            return _VALUES[node.name]
        case Neg():
            return -parts[0]
        case Add():
            return sum((s * part for s, part in zip(node.signs, parts, strict=True)), Fraction(0))
        case Power():
            return Fraction(parts[0] ** int(parts[1]))
        case Mul():
            product = Fraction(1)
            for operator, part in zip(node.ops, parts, strict=True):
                product = product * part if operator == "*" else product / part
            return product
        case _:
            raise AssertionError(node)


@given(st.recursive(st.sampled_from("abc"), _scalar, max_leaves=10))
def test_scalars_have_the_value_python_gives_them(source: str) -> None:
    try:
        expected = eval(source.replace("^", "**"), {"__builtins__": {}}, dict(_VALUES))
    except ZeroDivisionError:
        return
    assert fold(parse_formula(source).body, _evaluate) == expected
