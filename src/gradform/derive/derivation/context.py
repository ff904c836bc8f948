"""What the writers of a derivation share: the chain, its answer, its checks, its names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import Any

from gradform.derive.derivation.chain import Chain, Edge
from gradform.derive.derivation.math import Math, broken, joined, quotient, written
from gradform.derive.derivation.steps import Line, Stage
from gradform.derive.pipeline import Solution
from gradform.derive.written import WrittenShape, written_shape
from gradform.formula.tree import Formula, Name, Program
from gradform.functions.shapes import Shape
from gradform.language import say
from gradform.notation.text import to_text

__all__ = ["Context"]

_LENGTH = 1.6
_NAMES = ("g", "p", "r", "d", "q", "e")


class Context:
    """One function, one variable, one layout.

    ``free`` are the names of tangents and cotangents, ``increments`` those of dx, du1, … by what
    they are increments of.
    """

    def __init__(
        self,
        chain: Chain,
        solution: Solution,
        free: Mapping[str, Shape] | None = None,
        increments: Mapping[str, str] | None = None,
    ) -> None:
        self.chain = chain
        self.solution = solution
        self.free = dict(free or {})
        self.increments = dict(increments or {})

    @cached_property
    def checks(self) -> Any:
        """The :class:`Checks` of these lines; NumPy is loaded for them."""
        module = import_module("gradform.derive.derivation.checks")
        return module.Checks(self.chain, self.solution, self.free)

    @cached_property
    def shapes(self) -> dict[str, WrittenShape]:
        """Of everything that has a name."""
        free = {name: written_shape(shape) for name, shape in self.free.items()}
        moved = {name: self.chain.shapes[each] for each, name in self.increments.items()}
        return self.chain.shapes | free | moved

    # ------------------------------------------------------------ names

    def names_for(self, steps: Sequence[str], letters: Sequence[str] = _NAMES) -> dict[str, str]:
        """A new name for each step: g2 for u2, g_h for h."""
        taken = {*self.chain.taken, *self.chain.shapes}
        for letter in letters:
            names = {step: _beside(letter, step) for step in steps}
            if not taken & {*names.values()}:
                return names
        return {step: f"grad_{step}" for step in steps}

    # ------------------------------------------------------------ mathematics

    def lines(self, formula: Formula | Program) -> list[Math]:
        """The formula, on several lines when it is long."""
        return [self._with_increments(line) for line in broken(formula, self.shapes)]

    def name(self, name: str) -> Math:
        return self._with_increments(written(Name(name), self.shapes))

    def _with_increments(self, math: Math) -> Math:
        r"""In LaTeX the increment of x is \mathrm{d}x, not a name of two letters."""
        if not self.increments:
            return math

        def write(notation: str) -> str:
            text = math.to(notation)
            if notation == "latex":
                for name, increment in self.increments.items():
                    own, plain = (written(Name(n), self.shapes) for n in (increment, name))
                    text = text.replace(own.to("latex"), rf"\mathrm{{d}}{plain.to('latex')}")
            return text

        return Math(write)

    def named(self, *names: str) -> dict[str, Math]:
        """Names for use in the words of a step, as ``$u2$``."""
        return {name: self.name(name) for name in names}

    def scalar_name(self, name: str) -> Math:
        """The name as that of a number: the entries of a bold x are x_i."""
        return written(Name(name), {name: ()})

    def quotient(self, above: str, below: str) -> Math:
        """∂above/∂below, the variable as it was asked for."""
        asked = self.chain.asked if below == self.chain.wrt else below
        return quotient(above, asked, self.shapes, ordinary=self.is_ordinary)

    def local_quotient(self, edge: Edge) -> Math:
        """∂step/∂child with all else that the step is made of held fixed; that is said where
        it matters, because the child moves some of that too."""
        found = self.quotient(edge.parent.name, edge.child)
        others = [each for each in self.chain.children_of(edge.parent.name) if each != edge.child]
        held = [name for name in others if edge.child in self.chain.below(name)]
        if not held:
            return found
        names = joined([self.name(name) for name in held], ", ")

        def write(notation: str) -> str:
            if notation == "latex":
                return rf"\left.{found.to(notation)}\right|_{{{names.to(notation)}}}"
            return f"({found.to(notation)} | {names.to(notation)})"

        return Math(write)

    @cached_property
    def is_ordinary(self) -> bool:
        """Whether all steps are numbers, one after the other from one number."""
        chain = self.chain
        if chain.path_count > 1:
            return False
        numbers = all(shape == () for shape in chain.shapes.values())
        return numbers and len(chain.function.variables) == 1

    # ------------------------------------------------------------ steps that all derivations have

    def definitions(self) -> Stage:
        """u1 = …, u2 = …, z = …"""
        lines = [
            Line(self.name(step.name), (self.lines(step.formula),))
            for step in self.chain.steps.values()
        ]
        title = say("The function") if len(lines) == 1 else say("Break the function into steps")
        return Stage("define", title, tuple(lines))

    def result(self, before: Formula | Program, left: Math | None = None) -> list[Stage]:
        """From the last form to that of the answer, simplification by simplification.

        Forms on the way that are much longer than the answer teach nothing and are left out.
        """
        answer = self.solution.stages[-1][1]
        last = to_text(answer)
        shown = [
            (done, form)
            for done, form in self.solution.stages
            if form is answer or len(to_text(form)) <= _LENGTH * len(last)
        ]
        for _, form in shown:
            self.checks.equal(before, form)
        if to_text(before) == last:
            return []
        if to_text(before) == to_text(shown[0][1]):
            del shown[0]
        left = left or self.quotient(self.chain.output, self.chain.wrt)
        rights = tuple(self.lines(form) for _, form in shown)
        reasons = tuple(done or "" for done, _ in shown)
        several = len(self.chain.steps) > 1
        title = say("Insert the steps and simplify") if several else say("Simplify")
        return [Stage("simplify", title, (Line(left, rights, reasons),))]


def _beside(letter: str, step: str) -> str:
    """The letter with the number of the step, or the step's name, below."""
    digits = step.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    head = step[: len(step) - len(digits)]
    return f"{letter}{digits}" if digits.isdecimal() and len(head) == 1 else f"{letter}_{step}"
