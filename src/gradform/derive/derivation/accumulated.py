"""The chain rule node by node: cotangents from the output down, tangents from the variable up.

For a number z, the cotangent of a step u is ∂z/∂u in the shape of u: the sum, over the steps
that use u, of what they pass back. For a variable that is a number t, the tangent of u is
∂u/∂t. All paths are summed, each step is visited once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gradform.derive.derivation.chain import Chain, Step
from gradform.derive.derivation.context import Context
from gradform.derive.derivation.local import pulled, pulled_function, pushed
from gradform.derive.derivation.math import Math, raised
from gradform.derive.derivation.math import joined as joined_math
from gradform.derive.derivation.rules import rules_of
from gradform.derive.derivation.steps import Line, Stage
from gradform.derive.pipeline import Solution, solve
from gradform.errors import CannotError
from gradform.formula.tree import Add, Definition, Formula, Program, Transpose
from gradform.functions.shapes import SCALAR
from gradform.language import joined, say
from gradform.notation.layout import arrange
from gradform.records import replaced

__all__ = ["backwards", "forwards"]


def backwards(chain: Chain, solution: Solution) -> tuple[list[Stage], Sequence[float]]:
    """Cotangents: how backpropagation finds the derivative of a number."""
    names = Context(chain, solution).names_for([n for n in chain.steps if n != chain.output])
    shapes = {name: chain.steps[step].shape for step, name in names.items()}
    context = Context(chain, solution, shapes)
    stages = [context.definitions(), _statement(context, names)]
    found: list[Definition] = []
    for step in [*reversed(names), chain.wrt]:
        total = _cotangent(context, step, names)
        _confirm_cotangent(context, step, names)
        if step == chain.wrt:
            turned = _is_turned(context, step)
            body = Transpose(total) if turned else total
            return [*stages, *_last(context, found, body)], context.checks.errors
        found.append(Definition(names[step], total))
        left = joined_math([context.name(names[step]), _adjoint(context, step)], " = ")
        line = Line(left, (context.lines(total),))
        named = context.named(step)
        rules = _rules(chain, step)
        stages.append(Stage("cotangent", _title(context, step), (line,), rules, named))
    raise AssertionError(chain)


def _title(context: Context, step: str) -> str:
    uses = len(context.chain.parents_of(step))
    if uses == 1:
        return say("Pass the derivative back to {step}", step=f"${step}$")
    return say(
        "Pass the derivative back to {step}, the sum over its {uses} uses",
        step=f"${step}$",
        uses=uses,
    )


def _statement(context: Context, names: dict[str, str]) -> Stage:
    """∂z/∂x sums over all paths; how many there are."""
    chain = context.chain
    title = say("Chain rule backwards: each step passes its derivative on to what it is made of")
    if chain.path_count > 1:
        title = say(
            "Chain rule backwards: {count} paths from {output} to {variable}, summed step by step",
            count=chain.path_count,
            output=f"${chain.output}$",
            variable=f"${chain.wrt}$",
        )
    return Stage("chain", title, (), named=context.named(chain.output, chain.wrt))


def _cotangent(context: Context, step: str, names: dict[str, str]) -> Formula:
    """The sum of what the steps that use ``step`` pass back to it."""
    parts = [_share(context, parent, step, names) for parent in context.chain.parents_of(step)]
    return parts[0] if len(parts) == 1 else Add(tuple(parts), (1,) * len(parts))


def _share(context: Context, parent: str, step: str, names: dict[str, str]) -> Formula:
    chain = context.chain
    edge = chain.edges[parent, step]
    if parent == chain.output:
        formula = solve(replaced(edge.question, layout="ml", wrt=(step,))).formula
    else:
        formula = pulled(chain, edge, names[parent])
    return _short(formula)


def _short(formula: Program | None) -> Formula:
    if formula is None or formula.definitions:
        raise CannotError(
            say("A local derivative has no short matrix notation."), kind="unsupported"
        )
    return formula.body


def _confirm_cotangent(context: Context, step: str, names: dict[str, str]) -> None:
    """What each use passes back, against the limit of ⟨cotangent, use⟩."""
    chain = context.chain
    for parent in chain.parents_of(step):
        edge = chain.edges[parent, step]
        if parent == chain.output:
            question = replaced(edge.question, layout="ml", wrt=(step,))
        else:
            question = replaced(pulled_function(chain, edge.parent, names[parent]), wrt=(step,))
        share = _share(context, parent, step, names)
        context.checks.derivative(solve(question), Program((), share))


def _adjoint(context: Context, step: str) -> Math:
    """∂z/∂u, transposed where the layout turns it."""
    found = context.quotient(context.chain.output, step)
    return raised(found) if _is_turned(context, step) else found


def _is_turned(context: Context, step: str) -> bool:
    chain = context.chain
    shape = chain.shape_of(step)
    if step == chain.wrt:
        shape = context.solution.targets[0].shape
        own = arrange(SCALAR, [chain.shape_of(step)], "ml")
    else:
        own = arrange(SCALAR, [shape], "ml")
    return arrange(SCALAR, [shape], chain.layout) != own


def _rules(chain: Chain, step: str) -> str:
    return _joined(rules_of(chain.steps[parent].formula, step) for parent in chain.parents_of(step))


def _joined(rules: Iterable[str]) -> str:
    return joined(dict.fromkeys(rule for rule in rules if rule), "; ")


# ---------------------------------------------------------------- forwards


def forwards(chain: Chain, solution: Solution) -> tuple[list[Stage], Sequence[float]]:
    """Tangents: the derivative of every step by a number."""
    names = Context(chain, solution).names_for([n for n in chain.steps if n != chain.output])
    context = Context(chain, solution, {n: chain.steps[s].shape for s, n in names.items()})
    stages = [context.definitions()]
    found: list[Definition] = []
    for step in chain.steps.values():
        body = _tangent(context, step, names)
        if step.name == chain.output:
            turned = solution.arrangement != arrange(step.shape, [SCALAR], "mixed")
            last = _last(context, found, Transpose(body) if turned else body)
            return [*stages, *last], context.checks.errors
        found.append(Definition(names[step.name], body))
        quotient = context.quotient(step.name, chain.wrt)
        left = joined_math([context.name(names[step.name]), quotient], " = ")
        line = Line(left, (context.lines(body),))
        title = say("The derivative of {step}", step=f"${step.name}$")
        rules = _joined(rules_of(step.formula, child) for child in chain.children_of(step.name))
        named = context.named(step.name)
        stages.append(Stage("tangent", title, (line,), rules, named))
    raise AssertionError(chain)


def _tangent(context: Context, step: Step, names: dict[str, str]) -> Formula:
    chain = context.chain
    moved = {child: names.get(child) for child in chain.children_of(step.name)}
    body = _short(pushed(chain, step, moved))
    context.checks.tangent(step.formula, moved, Program((), body))
    return body


# ---------------------------------------------------------------- the end


def _last(context: Context, found: list[Definition], body: Formula) -> list[Stage]:
    """∂z/∂x with the tangents and cotangents, then without them."""
    chain = context.chain
    left = context.quotient(chain.output, chain.wrt)
    line = Line(left, (context.lines(body),))
    title = say(
        "Last, the derivative by {variable}", variable=context.name(chain.wrt).to("unicode")
    )
    whole = Program(tuple(found), body)
    return [Stage("insert", title, (line,), _end_rules(chain)), *context.result(whole)]


def _end_rules(chain: Chain) -> str:
    return _rules(chain, chain.wrt)
