"""One entry at a time: the limit, then sums over indices with ∂x_j/∂x_i = δ_ji.

Seen from one entry, everything is a function of a number, and the rules for those are
enough. What is left is to sum over the indices that the δ fixes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from gradform.calculus import identity, push
from gradform.derive.derivation.chain_rule import chain_in_words, coarsest
from gradform.derive.derivation.context import Context
from gradform.derive.derivation.math import NOTATIONS, Math
from gradform.derive.derivation.steps import Line, Stage
from gradform.derive.pipeline import Solution, with_structure
from gradform.ir.nodes import Node, symbol
from gradform.ir.rebuild import rebuild
from gradform.language import say
from gradform.notation.index import index_letters
from gradform.notation.index_entries import entry, lines, one_where_equal

__all__ = ["entry_by_entry"]

Found = tuple[list[Stage], Sequence[float]]

_PLACEHOLDER = "\0∂"


def entry_by_entry(solution: Solution, *, output: str | None = None, detail: bool = False) -> Found:
    """The steps to one entry of a first derivative, and the errors of their checks; with
    ``detail`` also the form before like terms are collected."""
    return _Entries(solution, output, detail).stages()


class _Entries:
    def __init__(self, solution: Solution, output: str | None, detail: bool) -> None:
        self.solution = solution
        self.detail = detail
        self.chain = coarsest(chain_in_words(solution, output=output))
        self.context = Context(self.chain, solution)
        function = solution.function
        self.variable = function.variables[solution.targets[0].name].symbol
        self.value = with_structure(function.value.node, function)
        rank = len(function.value.shape.axes)
        self.letters = index_letters(rank + self.variable.rank)
        self.top, self.bottom = self.letters[:rank], self.letters[rank:]

    def stages(self) -> Found:
        solution = self.solution
        moved, placeholder = self._moved()
        derived = solution.derived
        one = identity(self.variable.axes)
        errors = self._check(
            [rebuild(moved, lambda node: one if node is placeholder else node), derived]
        )
        stages = [self._function(), self._limit()]
        every = self._entry(moved, [placeholder])
        collected = self._entry(derived)
        if self.bottom and every[-1].to("text") != collected[-1].to("text"):
            title = say("Differentiate every factor: $delta$")
            stages.append(self._stage("derivative", title, every))
            title = say("Only the terms with equal indices are left")
            stages.append(self._stage("collect", title, collected))
        else:
            stages.append(self._stage("derivative", say("Differentiate by one entry"), collected))
        if solution.neutral is not derived:
            short = self._entry(solution.neutral)
            if short[-1].to("text") != collected[-1].to("text"):
                stages.append(self._stage("simplify", say("Simplify"), short))
        assert solution.formula is not None
        line = Line(
            self.context.quotient(self.chain.output, self.chain.wrt),
            (self.context.lines(solution.formula),),
        )
        self.context.checks.derivative(solution, solution.formula)
        stages.append(Stage("result", say("All entries together, in the layout"), (line,)))
        return stages, [*errors, *self.context.checks.errors]

    # ------------------------------------------------------------ lines

    def _entry(self, node: Node, pairs: Sequence[Node] = ()) -> list[Math]:
        """The lines for an entry of the derivative."""
        return _lines(node, self.letters, len(self.letters), pairs)

    def _stage(self, kind: str, title: str, lines: Sequence[Math]) -> Stage:
        *parts, body = lines
        rows = [Line(part, ()) for part in parts]
        rows.append(Line(self._quotient(), ([body],)))
        return Stage(kind, title, tuple(rows), named={"delta": self._delta()})

    def _function(self) -> Stage:
        left = _entry(self.chain.output, self.top)
        *parts, body = _lines(self.value, self.top, len(self.letters))
        rows = [*(Line(part, ()) for part in parts), Line(left, ([body],))]
        return Stage("define", say("The function, entry by entry"), tuple(rows))

    def _limit(self) -> Stage:
        """∂z/∂x_i = lim (z(…, x_i + Δx_i, …) - z(…, x_i, …))/Δx_i"""
        line = Line(self._quotient(), ([self._difference_quotient()],))
        title = say("Only one entry moves: the definition of the partial derivative")
        return Stage("limit", title, (line,))

    def _difference_quotient(self) -> Math:
        z, x = _entry(self.chain.output, self.top), _entry(self.chain.wrt, self.bottom)

        def write(notation: str) -> str:
            value, place = z.to(notation), x.to(notation)
            dots = r"\ldots" if notation == "latex" else "…"
            moved = rf"\Delta {place}" if notation == "latex" else f"Δ{place}"
            around = [f"{dots}, ", f", {dots}"] if self.bottom else ["", ""]
            there = f"{value}({around[0]}{place} + {moved}{around[1]})"
            here = f"{value}({around[0]}{place}{around[1]})"
            if notation == "latex":
                return rf"\lim_{{{moved} \to 0}} \frac{{{there} - {here}}}{{{moved}}}"
            return f"lim_{{{moved} → 0}} ({there} - {here})/{moved}"

        return Math(write)

    def _quotient(self) -> Math:
        z, x = _entry(self.chain.output, self.top), _entry(self.chain.wrt, self.bottom)

        def write(notation: str) -> str:
            if notation == "latex":
                return rf"\frac{{\partial {z.to(notation)}}}{{\partial {x.to(notation)}}}"
            return f"∂{z.to(notation)}/∂{x.to(notation)}"

        return Math(write)

    def _delta(self) -> Math:
        """∂x_j/∂x_i = δ_ji"""
        others = index_letters(len(self.bottom), len(self.letters))
        x, y = _entry(self.chain.wrt, others), _entry(self.chain.wrt, self.bottom)

        def write(notation: str) -> str:
            pairs = zip(others, self.bottom, strict=True)
            between = " " if notation == "latex" else "·"
            ones = between.join(one_where_equal(*pair, notation) for pair in pairs) or "1"
            if notation == "latex":
                return rf"\partial {x.to(notation)}/\partial {y.to(notation)} = {ones}"
            return f"∂{x.to(notation)}/∂{y.to(notation)} = {ones}"

        return Math(write)

    # ------------------------------------------------------------ what is differentiated

    def _moved(self) -> tuple[Node, Node]:
        """The derivative with a placeholder for that of the variable by itself."""
        axes = self.variable.axes
        placeholder = symbol(_PLACEHOLDER, (*axes, *axes))
        function = self.solution.function
        tangent = push(function.value.node, {self.variable: placeholder}, axes)
        return with_structure(tangent, function), placeholder

    def _check(self, nodes: Sequence[Node]) -> list[float]:
        """The entries against limits."""
        module: Any = import_module("gradform.derive.derivation.entries")
        found: list[float] = module.confirmed(self.solution, nodes)
        return found


def _entry(name: str, at: Sequence[str]) -> Math:
    return Math(lambda notation: entry(name, at, notation))


def _lines(node: Node, places: Sequence[str], taken: int, pairs: Sequence[Node] = ()) -> list[Math]:
    """An entry in all notations; before it the parts that a long one names."""
    by_notation = {notation: lines(node, places, notation, taken, pairs) for notation in NOTATIONS}
    return [_line(by_notation, k) for k in range(len(by_notation["text"]))]


def _line(by_notation: Mapping[str, Sequence[str]], k: int) -> Math:
    return Math(lambda notation: by_notation[notation][k])
