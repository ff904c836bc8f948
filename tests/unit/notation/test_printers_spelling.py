from __future__ import annotations

import pytest

from gradform.formula.spelling import Precedence, Spelling, choose

ANY, SUM, OPERATOR = Precedence.ANY, Precedence.SUM, Precedence.OPERATOR
POSTFIX, ATOM = Precedence.POSTFIX, Precedence.ATOM


@pytest.mark.parametrize(
    ("template", "precedence", "arguments"),
    [
        (r"\tanh\left({0}\right)", ATOM, (ANY,)),
        (r"\lVert {0} \rVert_{{2}}", ATOM, (ANY,)),
        (r"\left|{0}\right|", ATOM, (ANY,)),
        ("‖{0}‖_*", ATOM, (ANY,)),
        ("|{0}|", ATOM, (ANY,)),
        (r"\sqrt{{{0}}}", ATOM, (ANY,)),
        (r"\frac{{{0}}}{{{1}}}", ATOM, (ANY, ANY)),
        ("[{0}]_+", ATOM, (ANY,)),
        (r"e^{{{0}}}", POSTFIX, (ANY,)),
        (r"e^{{{0}}} - 1", SUM, (ANY,)),
        ("{0}^{{-1}}", POSTFIX, (ATOM,)),
        ("√{0}", POSTFIX, (ATOM,)),
        ("{0}!", POSTFIX, (ATOM,)),
        (r"\log {0}", OPERATOR, (ATOM,)),
        (r"{0}^{{\top}}{1}", OPERATOR, (ATOM, ATOM)),
        (r"{0} \otimes {1}", OPERATOR, (ATOM, ATOM)),
        (r"\det({0}) \cdot 2", OPERATOR, (ANY,)),
        ("-{0}", SUM, (ATOM,)),
    ],
)
def test_a_bare_template_gets_safe_precedences(
    template: str, precedence: Precedence, arguments: tuple[Precedence, ...]
) -> None:
    spelling = Spelling.inferred(template)
    assert spelling.precedence == precedence
    assert tuple(map(spelling.loosest, range(spelling.arity))) == arguments


@pytest.mark.parametrize(
    ("template", "mark"),
    [
        ("{0}^{{-1}}", "-1"),
        ("{0}⁻¹", "⁻¹"),
        (r"{0}^{{\dagger}}", r"\dagger"),
        ("{0}^{{-1}}x", None),
    ],
)
def test_a_template_that_only_adds_a_superscript(template: str, mark: str | None) -> None:
    assert Spelling(template).mark == mark


def test_arguments_in_a_subscript_are_sizes() -> None:
    assert Spelling(r"\mathbf{{1}}_{{{0} \times {1}}}").lowered == {0, 1}
    assert Spelling(r"\operatorname{{sum}}_{{{1}}}({0})").lowered == {1}
    assert Spelling(r"f_{{\mathrm{{a}},{0}}}({1})").lowered == {0}


def test_the_spelling_of_the_right_arity_is_chosen() -> None:
    both = ("f({0})", Spelling("f_{{{1}}}({0})"))
    assert choose(both, 1) == Spelling.inferred("f({0})")
    assert choose(both, 2) == both[1]
    assert choose(both, 3) is None
    assert choose(None, 1) is None


@pytest.mark.parametrize("template", ["‖{0}‖_{2}", "{x}", "{}", "{1}"])
def test_a_template_with_wrong_placeholders_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="placeholder"):
        Spelling.inferred(template)
