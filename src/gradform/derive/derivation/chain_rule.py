"""The chain rule, in the way that fits the function: along paths, or step by step."""

from __future__ import annotations

from collections.abc import Sequence

from gradform.derive.derivation.accumulated import backwards, forwards
from gradform.derive.derivation.chain import Chain, chain_of, coarser, shown
from gradform.derive.derivation.context import Context
from gradform.derive.derivation.paths import MOST_PATHS, by_paths
from gradform.derive.derivation.rules import rules_of
from gradform.derive.derivation.steps import Line, Stage
from gradform.derive.pipeline import Solution
from gradform.language import say

__all__ = ["chain_in_words", "chain_rule", "fitting_chain"]


def chain_rule(
    solution: Solution, *, output: str | None = None, detail: bool = False
) -> tuple[list[Stage], Sequence[float]]:
    """The steps to a first derivative by a whole variable, and the errors of their checks.

    Where a step cannot be shown by itself, it is taken together with its neighbours.
    """
    chain = fitting_chain(solution, output=output, detail=detail)
    return shown(chain, lambda each: _stages(each, solution))


def chain_in_words(solution: Solution, *, output: str | None = None, detail: bool = False) -> Chain:
    """The chain as a person would write it, whatever the shapes of its steps."""
    target = solution.targets[0]
    asked = target.name + ("'" if target.turned else "")
    layout = solution.question.layout
    return chain_of(solution.function, target.name, asked, layout, output=output, detail=detail)


def fitting_chain(solution: Solution, *, output: str | None = None, detail: bool = False) -> Chain:
    """The finest chain whose steps have local derivatives that can be written."""
    chain = chain_in_words(solution, output=output, detail=detail)
    while not (_is_flat(chain) or _has_number_at_an_end(chain)):
        below = coarser(chain)
        if below is None:
            break
        chain = below
    return chain


def _is_flat(chain: Chain) -> bool:
    """Whether all steps and the variable are numbers and vectors."""
    return all(len(chain.shape_of(name).axes) < 2 for name in (chain.wrt, *chain.steps))


def _has_number_at_an_end(chain: Chain) -> bool:
    return chain.shape_of(chain.output).is_scalar or chain.shape_of(chain.wrt).is_scalar


def _stages(chain: Chain, solution: Solution) -> tuple[list[Stage], Sequence[float]]:
    if len(chain.steps) == 1 or not chain.path_count:
        return _at_once(chain, solution)
    if _is_flat(chain) and chain.path_count <= MOST_PATHS:
        context = Context(chain, solution)
        return by_paths(context), context.checks.errors
    if chain.shape_of(chain.output).is_scalar:
        return backwards(chain, solution)
    if chain.shape_of(chain.wrt).is_scalar:
        return forwards(chain, solution)
    return _at_once(coarsest(chain), solution)


def coarsest(chain: Chain) -> Chain:
    """The whole function as one step."""
    while (below := coarser(chain)) is not None:
        chain = below
    return chain


def _at_once(chain: Chain, solution: Solution) -> tuple[list[Stage], Sequence[float]]:
    """One step, differentiated by the rules of its operations."""
    context = Context(chain, solution)
    output = chain.steps[chain.output]
    first = solution.stages[0][1]
    context.checks.derivative(solution, first)
    left = context.quotient(chain.output, chain.wrt)
    derivative = Stage(
        "derivative",
        say("Differentiate"),
        (Line(left, (context.lines(first),)),),
        rules_of(output.formula, chain.wrt),
    )
    return [context.definitions(), derivative, *context.result(first)], context.checks.errors
