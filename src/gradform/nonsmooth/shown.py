"""What subdifferentials and convexity show in a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gradform.errors import UndecidedError
from gradform.language import phrase, say
from gradform.markup.contents import Card, Code, Fact, Fold, Formula, Picture, Words
from gradform.notation.latex import to_latex
from gradform.notation.spelled import spell_latex
from gradform.syntax.parser import parse_formula

if TYPE_CHECKING:
    from gradform.nonsmooth.line.convexity_result import LineConvexity
    from gradform.nonsmooth.line.map_result import SubdifferentialMap
    from gradform.nonsmooth.line.result import LineSubdifferential
    from gradform.nonsmooth.space.result import SpaceConvexity, SpaceSubdifferential

__all__ = ["convexity_card", "line_card", "map_card", "space_card"]

# Whether 0 is a subgradient is a problem of its own; for more numbers it waits until asked for.
_FEW_NUMBERS = 200
_STATUS = {
    "EXACT": say("exact"),
    "OUTER": say("a set that contains the subdifferential"),
    "INNER": say("a part of the subdifferential"),
    "REFUSED": say("refused"),
    "UNDECIDED": say("undecided"),
}
_RELATIONS = {"EXACT": ("=", "="), "OUTER": (r"\subseteq", "⊆"), "INNER": (r"\supseteq", "⊇")}


def line_card(answer: LineSubdifferential) -> Card:
    """The set at a point of the line and its picture; the proof is folded away."""
    place = answer.point.text
    found = _set(rf"\partial f({answer.point_latex})", f"∂f({place})", answer)
    facts = [_function(answer.function, answer.variables), _status(answer)]
    slopes = [
        Words(say("{side} {slope}", side=side, slope=slope.text))
        for side, slope in ((say("left"), answer.left), (say("right"), answer.right))
        if slope is not None
    ]
    if slopes:
        facts.append(Fact(say("one-sided derivatives"), slopes))
    facts += _rest(answer.conditions, answer.is_optimal, answer.sense)
    folds = [Fold(say("Picture"), [Picture(answer.svg())], is_open=True), _proof(answer.proof)]
    return Card([found], facts, folds)


def map_card(answer: SubdifferentialMap) -> Card:
    """The sets at all points of the line."""
    name = answer.variable
    found = _set(rf"\partial f({name})", f"∂f({name})", answer)
    facts = [_function(answer.function, answer.variables), _status(answer)]
    return Card([found], facts, [_proof(answer.proof)])


def space_card(answer: SpaceSubdifferential) -> Card:
    """The set at a point of several variables, and whether the point is optimal."""
    facts = [_function(answer.function, answer.variables), _status(answer)]
    few = answer.dimension <= _FEW_NUMBERS and answer.set is not None
    facts += _rest(answer.conditions, few and _is_optimal(answer), answer.sense)
    folds = [_proof(answer.proof)]
    if few and answer.optimality.is_optimal is not None:
        told = Code(answer.optimality.text, block=True)
        folds.insert(0, Fold(say("Optimality"), [told]))
    return Card([_set(r"\partial f", "∂f", answer)], facts, folds)


def convexity_card(answer: LineConvexity | SpaceConvexity) -> Card:
    """The verdict with its proof, or the chords that refute it."""
    verdict, *lines = str(answer).splitlines()
    facts = [_function(answer.function, answer.variables)]
    folds = [Fold(say("Proof"), [Words(line.strip()) for line in lines], is_open=True)]
    return Card([Words(verdict)], facts, folds if lines else [])


def _set(
    latex: str, text: str, answer: LineSubdifferential | SubdifferentialMap | SpaceSubdifferential
) -> Formula | Words:
    """``∂f(0) = [-1, 1]``, or that there is none."""
    if answer.status not in _RELATIONS:
        return Words(say("no subdifferential"))
    in_latex, in_text = _RELATIONS[answer.status]
    return Formula(
        f"{latex} {in_latex} {answer.latex}", f"{text} {in_text} {answer.unicode}", display=True
    )


def _function(source: str, variables: Mapping[str, Sequence[int]]) -> Fact:
    latex = to_latex(parse_formula(source), spell=spell_latex, shapes=variables, left="f")
    return Fact(say("function"), [Formula(latex, source)])


def _status(answer: LineSubdifferential | SubdifferentialMap | SpaceSubdifferential) -> Fact:
    return Fact(
        say("status"), [Words(_STATUS[answer.status]), Words(phrase(answer.convexity.label))]
    )


def _rest(conditions: Sequence[str], is_optimal: bool, sense: str | None) -> Iterator[Fact]:
    if conditions:
        yield Fact(say("conditions"), [Words(each) for each in conditions])
    if is_optimal:
        least = say("0 is in the set: a global minimum")
        greatest = say("0 is in the set: a global maximum")
        yield Fact(say("optimal"), [Words(greatest if sense == "super" else least)])


def _is_optimal(answer: SpaceSubdifferential) -> bool:
    try:
        return answer.is_optimal
    except UndecidedError:
        return False


def _proof(lines: Sequence[str]) -> Fold:
    return Fold(say("Proof"), [Words(line) for line in lines])
