"""Whatever is typed, the answer is a tree or an error of our own."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gradform.errors import GradformError
from gradform.formula.tree import Program, fold
from gradform.syntax.parser import parse_formula

_PIECES = [
    *"xyAun0123.+-*/^'()[];:,=@_ \n\t!#$%&<>?\\{}|~`\"",
    *(".*", "./", ".^", ".T", "**", "==", "1e9", "2.5", "f(", "A(:,", "u = ", "\nv = ", "wrt"),
    *"²⁻ᵀ⊙∘παο√⊗（）；＝３",
    *("\N{MINUS SIGN}", "\N{PRIME}", "\N{CYRILLIC SMALL LETTER HA}", "\u200b", "\ud800"),
]
_VALID = [
    "u = A*x - b; v = tanh(u); v'*v",
    "x'*A*x\n+x'*x",
    "sum(log(exp(-y.*(X*w)) + vector(1))) + c*w'*w",
    "[a; b]'*[A, B; C, D]^-1",
    "x(2:n)' + A(:, 1).T - x(n-1)",
    "u = A*x\n\nw = u'\nw*u²",
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid text with a few pieces inserted, deleted or replaced."""
    text = draw(st.sampled_from(_VALID))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        removed = draw(st.integers(0, 2))
        inserted = draw(st.sampled_from(["", *_PIECES]))
        text = text[:at] + inserted + text[at + removed :]
    return text


def check(source: str) -> None:
    try:
        program = parse_formula(source)
    except GradformError as error:
        check_error(error, source)
    else:
        check_program(program)


def check_error(error: GradformError, source: str) -> None:
    assert error.source == source
    assert error.span is not None
    assert 0 <= error.span.start <= error.span.end <= len(source)
    assert error.message in str(error)


def check_program(program: Program) -> None:
    for body in (program.body, *(part.value for part in program.definitions)):
        fold(body, lambda node, _: None)
        assert 0 <= body.span.start < body.span.end <= len(program.source)


@settings(max_examples=1000)
@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_random_pieces(source: str) -> None:
    check(source)


@settings(max_examples=1000)
@given(mutated())
def test_mutated_formulas(source: str) -> None:
    check(source)


@settings(max_examples=300)
@given(st.text())
def test_any_text(source: str) -> None:
    check(source)
