"""Is the problem convex? A proof, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.structured.analysis import forms_of
from gradform.codegen.structured.forms import (
    Diagonal,
    Form,
    Identity,
    Kronecker,
    LowRank,
    Scaled,
)
from gradform.codegen.task import Output
from gradform.derive.compiling import compile_parts
from gradform.derive.tasks import Part
from gradform.errors import GradformError
from gradform.ir.nodes import Contraction, Node, Symbol, topological
from gradform.ir.sign import is_nonnegative
from gradform.language import say
from gradform.minimize.problem import Problem
from gradform.minimize.questions import engine, rows_of, source_of, too_large
from gradform.minimize.variables import Array
from gradform.records import record

__all__ = ["Convexity", "convexity_of"]


@record
class Convexity:
    """``label``: "convex", "not convex" or "not proved"; ``proof`` line by line.

    ``strength``: f(y) >= f(x) + <g, y - x> + strength/2 |y - x|² for all x and y.
    """

    label: str
    proof: tuple[str, ...]
    strength: float = 0.0


def convexity_of(problem: Problem, x: Array) -> Convexity:
    """By the form of the Hessian, else by the rules of composition and exact arithmetic."""
    if not x.size:
        return Convexity("convex", (say("there are no entries to choose"),))
    return _by_hessian(problem) or _by_composition(problem, x)


# ---------------------------------------------------------------- the Hessian


def _by_hessian(problem: Problem) -> Convexity | None:
    """A Hessian that is a sum of semidefinite terms at every point of the whole space."""
    formulas = problem.formulas
    if formulas.kinks or formulas.function.conditions or len(formulas.names) > 1:
        return None
    output = formulas.hessian().output
    if not output.split:
        return None
    facts = _Facts(problem)
    for node in (output.node, *output.others):
        forms = forms_of(node, output.split)
        if forms is not None and all(facts.is_semidefinite(form) for form in forms):
            strength = sum(facts.least(form) for form in forms)
            what = say("the Hessian")
            if len(forms) > 1:
                what = say("every term of the second derivative")
            proof = say("{what} is positive semidefinite at every point", what=what)
            return Convexity("convex", (proof,), strength)
    return None


class _Facts:
    """Signs of parts of the Hessian: for all points, and for the data that were given."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    def is_semidefinite(self, form: Form) -> bool:
        match form:
            case Identity():
                return True
            case Diagonal(node):
                return self._is_nonnegative(node)
            case LowRank(gram=True, core=core):
                return core is None or (core.rank == 1 and self._is_nonnegative(core))
            case Kronecker(factors, rows, columns):
                return rows == columns and all(map(self.is_semidefinite, factors))
            case Scaled(coefficient, scalar, inner):
                sign = coefficient >= 0 and (scalar is None or self._is_nonnegative(scalar))
                return sign and self.is_semidefinite(inner)
            case _:
                return False

    def least(self, form: Form) -> float:
        """A lower bound of the eigenvalues of a semidefinite form at every point."""
        match form:
            case Identity():
                return 1.0
            case Scaled(coefficient, None, Identity()):
                return float(coefficient)
            case Scaled(coefficient, Node() as scalar, Identity()) if self._is_data(scalar):
                return float(coefficient) * float(self._value(scalar))
            case _:
                return 0.0

    def _is_nonnegative(self, node: Node) -> bool:
        if is_nonnegative(node):
            return True
        if self._is_data(node):
            return bool((self._value(node) >= 0).all())
        if isinstance(node, Contraction) and node.coefficient >= 0:
            powers = all(p == 1 or (isinstance(p, int) and p % 2 == 0) for _, _, p in node.factors)
            return powers and all(
                p != 1 or self._is_nonnegative(each) for each, _, p in node.factors
            )
        return False

    def _is_data(self, node: Node) -> bool:
        """Whether the expression does not depend on the point."""
        names = {each.name for each in topological(node) if isinstance(each, Symbol)}
        return names.isdisjoint(self._problem.packing.names)

    def _value(self, node: Node) -> Array:
        formulas = self._problem.formulas
        output = Output("part", node, Arrangement.neutral(node.rank))
        program = compile_parts([Part(output, formulas.variables, "A part.")], "numpy")
        needed = {*program.task.sizes, *(each.name for each in program.task.parameters)}
        data = {**self._problem.data, **self._problem.start}
        found = program(**{name: value for name, value in data.items() if name in needed})
        return np.asarray(found, dtype=np.float64)


# ---------------------------------------------------------------- the rules


def _by_composition(problem: Problem, x: Array) -> Convexity:
    reason = too_large(problem)
    if reason is not None:
        return Convexity("not proved", (reason,))
    asked: Callable[..., Any] = engine("questions").Asked
    assume = problem.question.assume
    try:
        found = engine("questions").convexity(
            asked(
                source_of(problem),
                wrt=problem.packing.names,
                at=problem.packing.arrays(x),
                params=problem.data,
                shapes=rows_of(problem),
                assume=assume,
            )
        )
        label: str = found.label
    except GradformError as error:
        return Convexity("not proved", (error.message,))
    proof = (*found.proof, *getattr(found, "conditions", ()))
    if label in ("convex", "affine"):
        return Convexity("convex", proof)
    return Convexity("not proved" if label == "undecided" else "not convex", proof)
