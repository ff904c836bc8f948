"""What a derivative shows in a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gradform.derive.conditions import comparison_of
from gradform.derive.derivation.steps import Derivation
from gradform.derive.written import WrittenShape
from gradform.errors import CannotError
from gradform.language import joined, say
from gradform.markup.card import to_html
from gradform.markup.contents import Card, Code, Content, Fact, Fold, Formula, Picture, Words
from gradform.notation.latex import to_latex
from gradform.notation.latex_symbols import text_latex
from gradform.notation.unicode import to_unicode
from gradform.syntax.parser import parse_formula

if TYPE_CHECKING:
    from gradform.derive.answer import Derivative

__all__ = ["condition_contents", "derivation_html", "derivative_card", "variable_contents"]


def derivative_card(derivative: Derivative) -> Card:
    """Formula, shapes, conditions, certificate; other forms and code are folded away."""
    equation = Formula(
        derivative.equation_latex, f"{derivative.quotient} = {derivative.unicode}", display=True
    )
    return Card([equation], list(_facts(derivative)), list(_folds(derivative)))


def _facts(derivative: Derivative) -> Iterator[Fact]:
    yield Fact(say("function"), [Formula(derivative.function_equation_latex, derivative.function)])
    shapes = derivative.shapes
    if shapes:
        yield Fact(say("variables"), variable_contents(shapes, derivative.structures))
    if derivative.inferred:
        names = joined(derivative.inferred)
        yield Fact(say("inferred"), [Words(say("the shape of {names}, by letter", names=names))])
    yield Fact(say("layout"), [Words(derivative.layout), _space(derivative.formula_shape)])
    if derivative.conditions:
        latex = derivative.conditions_latex
        yield Fact(say("holds where"), condition_contents(derivative.conditions, latex))
    if derivative.kinks:
        yield Fact(say("elsewhere"), [Words(say("there may be subderivatives"))])
    for note in derivative.notes:
        yield Fact(say("note"), [Words(note)])
    yield Fact(say("certificate"), [Words(_confirmed(derivative))])


def _confirmed(derivative: Derivative) -> str:
    if derivative.confirmed is None:
        return say("not checked: ask for .certificate")
    return str(derivative.confirmed)


def variable_contents(
    shapes: dict[str, WrittenShape], structures: dict[str, tuple[str, ...]]
) -> list[Content]:
    """``A ∈ ℝ^(m×n) symmetric`` for each variable."""
    return [_variable(name, shapes, structures.get(name, ())) for name in shapes]


def _variable(
    name: str,
    shapes: dict[str, WrittenShape],
    structures: Sequence[str],
) -> Formula:
    letter, space = parse_formula(name), _space(shapes[name])
    words = "".join(rf"\ {text_latex(word)}" for word in structures)
    latex = rf"{to_latex(letter, shapes=shapes)} \in {space.latex}{words}"
    told = f"{to_unicode(letter, shapes=shapes)} ∈ {space.text}"
    return Formula(latex, " ".join([told, *structures]))


def _space(shape: WrittenShape) -> Formula:
    r"""``\mathbb{R}^{m \times n}``"""
    sizes = {str(axis): () for axis in shape}
    axes = [parse_formula(str(axis)) for axis in shape]
    above = r" \times ".join(to_latex(axis, shapes=sizes) for axis in axes)
    latex = r"\mathbb{R}" + (f"^{{{above}}}" if axes else "")
    return Formula(latex, f"ℝ^({', '.join(map(str, shape))})" if axes else "ℝ")


def condition_contents(conditions: Sequence[str], latex: Sequence[str]) -> list[Content]:
    """Comparisons as formulas, sentences as words."""
    return [
        Words(text) if comparison_of(text) is None else Formula(written, text)
        for text, written in zip(conditions, latex, strict=True)
    ]


def derivation_html(derivation: Derivation) -> str:
    """All steps, for a derivation that is shown by itself."""
    steps = Fold(derivation.heading, _steps(derivation), is_open=True)
    return to_html(Card([], [], [steps]))


def _steps(derivation: Derivation) -> list[Content]:
    """Each step's title and reason, and its lines."""
    contents: list[Content] = []
    for number, step in enumerate(derivation.to_dict()["steps"], 1):
        reason = f" ({step['reason']})" if step["reason"] else ""
        contents.append(Words(f"{number}. {step['title']}{reason}"))
        contents.append(Formula(step["latex"], step["unicode"], display=True))
    return contents


def _derivation(derivative: Derivative) -> Iterator[Fold]:
    """The chain rule in steps and as a graph, where the derivative has a derivation."""
    try:
        steps, graph = _steps(derivative.derivation), derivative.graph.svg()
    except CannotError:
        return
    yield Fold(say("Derivation"), steps)
    yield Fold(say("Computation graph"), [Picture(graph)])


def _folds(derivative: Derivative) -> Iterator[Fold]:
    yield from _derivation(derivative)
    entries = Formula(derivative.index_latex, derivative.index_notation, display=True)
    forms: list[Content] = [Code(derivative.differential, block=True), entries]
    yield Fold(say("Differential and index notation"), forms)
    yield Fold("NumPy", [Code(derivative.numpy_source.rstrip("\n"), block=True)])
    yield Fold("LaTeX", [Code(derivative.latex, block=True)])
