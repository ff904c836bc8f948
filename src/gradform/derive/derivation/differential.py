"""The way of Magnus and Neudecker: take differentials, bring them to df = tr(G'dX), read off G.

Every step u = f(v, w) has du = ∂f·dv + ∂f·dw, which is linear in the increments. Inserted
into one another, the differentials give that of the function, and the first identification
theorem gives the derivative (Magnus & Neudecker, 5.6 and 9.1).
"""

from __future__ import annotations

from collections.abc import Sequence

from gradform.derive.derivation.chain import Chain, shown
from gradform.derive.derivation.chain_rule import chain_in_words
from gradform.derive.derivation.context import Context
from gradform.derive.derivation.local import pushed
from gradform.derive.derivation.paths import is_tall
from gradform.derive.derivation.rules import rules_of
from gradform.derive.derivation.steps import Line, Stage
from gradform.derive.differential import differential_form, increment_name
from gradform.derive.pipeline import Solution
from gradform.errors import CannotError
from gradform.formula.tree import Definition, Formula, Program
from gradform.language import joined, say
from gradform.notation.text import to_text
from gradform.syntax.parser import parse_formula

__all__ = ["by_differential"]

Found = tuple[list[Stage], Sequence[float]]


def by_differential(
    solution: Solution, *, output: str | None = None, detail: bool = False
) -> Found:
    """The steps to a first derivative by a whole variable, and the errors of their checks."""
    chain = chain_in_words(solution, output=output, detail=detail)
    return shown(chain, lambda each: _stages(each, solution))


def _stages(chain: Chain, solution: Solution) -> Found:
    names = {chain.wrt: increment_name(chain.wrt, solution.function)}
    names |= {step: f"d{step}" for step in chain.steps}
    if len({*names.values(), *chain.taken, *chain.shapes}) < len(names) + len(chain.shapes):
        raise CannotError(say("The names of the increments are taken."), kind="unsupported")
    free = {name: chain.shape_of(each) for each, name in names.items() if each != chain.output}
    context = Context(chain, solution, free, increments=names)
    stages = [context.definitions()]
    found: list[Definition] = []
    for step in chain.steps.values():
        moved = {child: names[child] for child in chain.children_of(step.name)}
        body = _body(pushed(chain, step, moved))
        context.checks.tangent(step.formula, dict(moved), Program((), body))
        line = Line(context.name(names[step.name]), (context.lines(body),))
        rules = [rules_of(step.formula, child) for child in moved]
        reason = joined(dict.fromkeys(rule for rule in rules if rule), "; ")
        named = {step.name: context.name(step.name)}
        title = say("The differential of {step}", step=f"${step.name}$")
        stages.append(Stage("differential", title, (line,), reason, named))
        found.append(Definition(names[step.name], body))
    return [*stages, *_read_off(context, found)], context.checks.errors


def _body(formula: Program | None) -> Formula:
    if formula is None or formula.definitions:
        raise CannotError(say("A differential has no short matrix notation."), kind="unsupported")
    return formula.body


def _read_off(context: Context, found: list[Definition]) -> list[Stage]:
    """The differential in terms of that of the variable; the derivative that stands in it."""
    solution, chain = context.solution, context.chain
    text = differential_form(solution).split(" = ", 1)[1]
    whole = parse_formula(text)
    *before, last = found
    context.checks.equal(Program(tuple(before), last.value), whole)
    stages: list[Stage] = []
    if to_text(last.value) != to_text(whole) or before:
        line = Line(context.name(last.name), (context.lines(whole),))
        stages.append(Stage("insert", _title(context), (line,)))
    assert solution.formula is not None
    context.checks.derivative(solution, solution.formula)
    left = context.quotient(chain.output, chain.wrt)
    line = Line(left, (context.lines(solution.formula),))
    reason = _identification(context)
    return [*stages, Stage("identify", say("Read off the derivative"), (line,), reason)]


def _title(context: Context) -> str:
    shape = context.chain.shape_of(context.chain.wrt)
    scalar = context.chain.shape_of(context.chain.output).is_scalar
    if scalar and shape.is_matrix:
        return say("Insert, and turn products under the trace: tr(A·B) = tr(B·A), tr(A) = tr(Aᵀ)")
    return say("Insert the differentials into one another")


def _identification(context: Context) -> str:
    """What the identification theorem says for these shapes."""
    chain = context.chain
    value, shape = chain.shape_of(chain.output), chain.shape_of(chain.wrt)
    if value.is_scalar and shape.is_matrix:
        return say("dz = tr(Gᵀ·dX) has the derivative G (Magnus & Neudecker, 9.1)")
    if value.is_scalar and not shape.is_scalar:
        return say("dz = gᵀ·dx has the gradient g (Magnus & Neudecker, 9.1)")
    if len(value.axes) + len(shape.axes) == 2 and not shape.is_scalar:
        if is_tall(context.solution.arrangement, len(value.axes)):
            layout = context.solution.question.layout
            return say(
                "dz = J·dx has the Jacobian J; the layout {layout} writes its transpose"
                " (Magnus & Neudecker, 9.1)",
                layout=layout,
            )
        return say("dz = J·dx has the Jacobian J (Magnus & Neudecker, 9.1)")
    return say("the derivative is the factor of the increment (Magnus & Neudecker, 5.6)")
