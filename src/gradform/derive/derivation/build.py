"""Derivations on request: a derivative of any order, of an entry, with a structure.

Higher derivatives are derivatives of the ones before; the last line is the answer's formula.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gradform.derive.derivation.chain_rule import chain_rule, fitting_chain
from gradform.derive.derivation.componentwise import entry_by_entry
from gradform.derive.derivation.context import Context
from gradform.derive.derivation.differential import by_differential
from gradform.derive.derivation.math import Math, quotient, raised, written
from gradform.derive.derivation.steps import Derivation, Line, Stage
from gradform.derive.pipeline import Question, Solution, solve
from gradform.derive.products import ProductQuestion
from gradform.derive.written import WrittenShape, written_shape
from gradform.errors import CannotError, InputError
from gradform.formula.tree import Name, Program, Transpose
from gradform.language import say
from gradform.notation.text import to_text
from gradform.records import replaced
from gradform.syntax.parser import parse_formula

__all__ = ["KINDS", "derivation_of"]

Found = tuple[list[Stage], Sequence[float]]
Rule = Callable[..., Found]

_RULES: dict[str, Rule] = {
    "chain": chain_rule,
    "differential": by_differential,
    "componentwise": entry_by_entry,
}
KINDS = tuple(_RULES)


def derivation_of(solution: Solution, kind: str = "chain", *, detail: bool = False) -> Derivation:
    """The derivation of an answer.

    ``kind`` is ``chain``, ``differential`` or ``componentwise``; ``detail`` shows every
    operation as a step. Raises InputError for another kind, CannotError where there is no
    derivation, and UnconfirmedError when a line is not confirmed.
    """
    if kind not in KINDS:
        raise InputError(
            say("'{kind}' is no kind of derivation.", kind=kind),
            kind="derivation",
            hint=say("kinds are {kinds}", kinds=", ".join(KINDS)),
        )
    if solution.formula is None:
        raise CannotError(
            say("A derivation is written for what has matrix notation."), kind="unsupported"
        )
    stages, errors = _derived(solution, _RULES[kind], detail)
    return Derivation(kind, _heading(solution), stages, errors)


def _heading(solution: Solution) -> str:
    return say("Derivative of {function}", function=solution.function.program.source.strip())


def _derived(solution: Solution, rule: Rule, detail: bool) -> Found:
    question = solution.question
    if isinstance(question, ProductQuestion):
        raise CannotError(
            say("A derivation is written for derivatives, not for their products with a vector."),
            kind="unsupported",
        )
    if len(question.wrt) > 1:
        return _of_higher_order(solution, rule, detail)
    whole = solution.targets[0].selector is None
    if question.constraint is None and whole:
        return rule(solution, detail=detail)
    free = solve(replaced(question, constraint=None, wrt=(solution.targets[0].name,)))
    stages, errors = rule(free, detail=detail)
    return [*stages, _of_part(solution, free)], errors


def _of_part(solution: Solution, free: Solution) -> Stage:
    """An entry of the whole derivative, or the derivative by the parameters of a structure."""
    context = Context(fitting_chain(free), solution)
    left = quotient(context.chain.output, solution.question.wrt[0], context.shapes)
    assert solution.formula is not None
    line = Line(left, (context.lines(solution.formula),))
    if solution.question.constraint is None:
        return Stage("entry", say("Take the entry"), (line,))
    title = say(
        "Sum over the entries that each parameter of the {structure} matrix moves",
        structure=solution.question.constraint,
    )
    return Stage("structure", title, (line,))


# ---------------------------------------------------------------- higher orders


def _of_higher_order(solution: Solution, rule: Rule, detail: bool) -> Found:
    """The derivative of the derivative before: g = ∂z/∂x, then ∂g/∂x."""
    question = solution.question
    before = solve(replaced(question, wrt=question.wrt[:-1], constraint=None))
    stages, errors = _derived(before, rule, detail)
    if before.formula is None:
        raise CannotError(
            say("A derivation is written for what has matrix notation."), kind="unsupported"
        )
    lower = _as_function(before, solution)
    output = fitting_chain(_first(solution)).output
    name = _free_name(solution, output)
    last, more = rule(lower, output=name, detail=detail)
    title = say(
        "Differentiate once more, now {name} = {quotient}",
        name="$name$",
        quotient="$quotient$",
    )
    context = Context(fitting_chain(lower, output=name), lower)
    quotients = _higher(output, question.wrt[:-1], context.shapes | _shapes(before))
    named = {"name": context.name(name), "quotient": quotients}
    start = Stage("define", title, last[0].lines, named=named)
    end = _end(solution, lower, output, name)
    return [*stages, start, *last[1:], end], [*errors, *more]


def _first(solution: Solution) -> Solution:
    question = solution.question
    return solve(replaced(question, wrt=question.wrt[:1], constraint=None))


def _as_function(before: Solution, solution: Solution) -> Solution:
    """The derivative before as a function to be differentiated."""
    assert before.formula is not None
    question, variables = solution.question, before.function.variables.items()
    return solve(
        Question(
            to_text(before.formula),
            question.wrt[-1:],
            _shapes(before),
            question.layout,
            {name: sorted(v.structure) for name, v in variables if v.structure},
            conditions=question.conditions,
            infer=False,
        )
    )


def _shapes(solution: Solution) -> dict[str, WrittenShape]:
    variables = solution.function.variables.items()
    return {name: written_shape(variable.shape) for name, variable in variables}


def _free_name(solution: Solution, output: str) -> str:
    """A name for the derivative before: g, or one that is free."""
    function = solution.function
    sizes = {n for v in function.variables.values() for axis in v.shape.axes for n in axis.names}
    taken = {*function.variables, *function.definitions, *sizes, output}
    return next(name for name in ("g", "G", "p", "q", "r", "grad") if name not in taken)


def _end(solution: Solution, lower: Solution, output: str, name: str) -> Stage:
    """∂²z/∂x∂y = ∂g/∂y, or its transpose, as the layout has it."""
    context = Context(fitting_chain(lower, output=name), lower)
    assert solution.formula is not None and lower.formula is not None
    symmetric = len(set(solution.question.wrt)) == 1 and len(solution.arrangement.axes) == 2
    scalar = solution.function.value.shape.is_scalar
    turned = lower.arrangement.order != solution.arrangement.order and not (symmetric and scalar)
    form = Program(
        lower.formula.definitions,
        Transpose(lower.formula.body) if turned else lower.formula.body,
    )
    context.checks.equal(form, solution.formula)
    part = context.quotient(name, solution.question.wrt[-1])
    line = Line(
        _higher(output, solution.question.wrt, context.shapes),
        ([raised(part) if turned else part], context.lines(solution.formula)),
    )
    return Stage("result", say("The derivative asked for"), (line,))


def _higher(output: str, wrt: Sequence[str], shapes: dict[str, WrittenShape]) -> Math:
    """∂²z/∂x∂y"""
    order = len(wrt)
    if order == 1:
        return quotient(output, wrt[0], shapes)
    top = written(Name(output), shapes)
    below = [written(parse_formula(each), shapes) for each in wrt]

    def write(notation: str) -> str:
        if notation == "latex":
            variables = r"\,".join(rf"\partial {each.to(notation)}" for each in below)
            return rf"\frac{{\partial^{{{order}}} {top.to(notation)}}}{{{variables}}}"
        variables = "".join(f"∂{each.to(notation)}" for each in below)
        return f"∂{'²³⁴⁵⁶'[order - 2]}{top.to(notation)}/{variables}"

    return Math(write)
