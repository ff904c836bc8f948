"""The chain rule as a product of local derivatives, and as a sum over paths.

Every step is a number or a vector here, so that local derivatives are numbers, vectors and
matrices, and a path contributes their product. A product is *tall* when the entries of the
variable run down its rows, (∂u/∂x)(∂z/∂u); otherwise the factors come the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, pairwise

from gradform.derive.derivation.chain import Edge, Path
from gradform.derive.derivation.context import Context
from gradform.derive.derivation.local import local_formula
from gradform.derive.derivation.math import Math, joined, plain, raised
from gradform.derive.derivation.rules import rules_of
from gradform.derive.derivation.steps import Line, Stage
from gradform.errors import CannotError
from gradform.formula.tree import Add, Formula, Mul, Number, Program, Transpose
from gradform.language import say
from gradform.notation.index_styles import STYLES
from gradform.notation.layout import Arrangement

__all__ = ["MOST_PATHS", "by_paths", "is_tall", "local_derivatives", "oriented", "product_of"]

MOST_PATHS = 4


def by_paths(context: Context) -> list[Stage]:
    """Steps, local derivatives, the rule, what each path contributes, the answer."""
    paths = list(context.chain.paths())
    local = _locals(context)
    contributions = [product_of([local[edge] for edge in _order(context, path)]) for path in paths]
    total = contributions[0] if len(paths) == 1 else Add(tuple(contributions), (1,) * len(paths))
    inserted = _inserted(context, paths, contributions, total)
    return [
        context.definitions(),
        *local_derivatives(context),
        _statement(context, paths),
        inserted,
        *context.result(total),
    ]


# ---------------------------------------------------------------- local derivatives


def local_derivatives(context: Context) -> list[Stage]:
    """∂u2/∂u1 = …, each confirmed by its limit."""
    stages = []
    for edge in context.chain.edges.values():
        formula = _formula(edge)
        context.checks.derivative(edge.solution, formula)
        left = context.local_quotient(edge)
        stages.append(
            Stage(
                "local",
                say("Local derivative"),
                (Line(left, (context.lines(formula),)),),
                rules_of(edge.parent.formula, edge.child),
            )
        )
    return stages


def _formula(edge: Edge) -> Program:
    formula = local_formula(edge)
    if formula is None or formula.definitions:
        raise CannotError(
            say("A local derivative has no short matrix notation."), kind="unsupported"
        )
    return formula


def _locals(context: Context) -> dict[Edge, Formula]:
    """The local derivatives, turned as the product needs them."""
    tall = _tall(context)
    edges = context.chain.edges.values()
    return {edge: oriented(_formula(edge).body, edge, tall=tall) for edge in edges}


def oriented(formula: Formula, edge: Edge, *, tall: bool) -> Formula:
    """The formula of a local derivative or its transpose."""
    return formula if _fits(edge, tall=tall) else _turned(formula)


def _turned(formula: Formula) -> Formula:
    return formula.operand if isinstance(formula, Transpose) else Transpose(formula)


def _fits(edge: Edge, *, tall: bool) -> bool:
    arrangement = edge.solution.arrangement
    return not arrangement.axes or is_tall(arrangement, len(edge.parent.shape.axes)) is tall


def is_tall(arrangement: Arrangement, value_rank: int) -> bool:
    """Whether the entries of the variable run down the rows, those of the value across."""
    rank = len(arrangement.axes)
    if rank == 2:
        return arrangement.rows == (1,)
    of_value = rank == 1 and value_rank == 1
    return (arrangement.rows == (0,)) != of_value


def _order(context: Context, path: Path) -> Sequence[Edge]:
    return tuple(reversed(path)) if _tall(context) else path


def product_of(factors: Sequence[Formula]) -> Formula:
    """The product without factors of 1."""
    kept = [f for f in _flat(factors) if not (isinstance(f, Number) and f.value == 1)]
    if len(kept) < 2:
        return kept[0] if kept else factors[0]
    return Mul(tuple(kept), ("*",) * len(kept))


def _flat(factors: Sequence[Formula]) -> Iterator[Formula]:
    """Factors that are matrix products are taken apart."""
    for factor in factors:
        chain = isinstance(factor, Mul) and set(factor.ops) == {"*"}
        if chain and isinstance(factor, Mul) and not isinstance(factor.factors[0], Number):
            yield from factor.factors
        else:
            yield factor


# ---------------------------------------------------------------- the rule


def _statement(context: Context, paths: Sequence[Path]) -> Stage:
    """The rule for this function: entry by entry as sums, then as products in the layout."""
    chain = context.chain
    lines = []
    by_entries = _by_entries(context, paths)
    if by_entries is not None:
        lines.append(by_entries)
    tall = _tall(context)
    products = [
        joined([_factor(context, edge, tall) for edge in _order(context, path)], " · ", r" \cdot ")
        for path in paths
    ]
    left = context.quotient(chain.output, chain.wrt)
    lines.append(Line(left, ([joined(products, " + ")],)))
    if len(paths) == 1:
        return Stage("chain", say("Chain rule"), tuple(lines))
    title = say("Chain rule: the sum over {count} paths", count=len(paths))
    return Stage("chain", title, tuple(lines))


def _tall(context: Context) -> bool:
    rank = len(context.chain.steps[context.chain.output].shape.axes)
    return is_tall(context.solution.arrangement, rank)


def _factor(context: Context, edge: Edge, tall: bool) -> Math:
    found = context.local_quotient(edge)
    return found if _fits(edge, tall=tall) else raised(found)


def _by_entries(context: Context, paths: Sequence[Path]) -> Line | None:
    r"""∂z/∂x_i = Σ_j ∂z/∂u_j · ∂u_j/∂x_i; None where all is one number."""
    chain = context.chain
    if all(shape == () for shape in (chain.shapes[name] for name in (chain.wrt, *chain.steps))):
        return None
    if all(len(path) == 1 for path in paths):
        return None
    letters = _Letters(context)
    top, bottom = letters.of(chain.output, "p"), letters.of(chain.wrt, "i")
    sums = [_sum_over_steps(context, path, letters, top, bottom) for path in paths]
    left = _entry_quotient(context, (chain.output, top), (chain.wrt, bottom))
    return Line(left, ([joined(sums, " + ")],))


class _Letters:
    """Letters for the entries of vectors, other than the names that are in use."""

    def __init__(self, context: Context) -> None:
        chain = context.chain
        sizes = {name for shape in chain.shapes.values() for name in map(str, shape)}
        self._taken = {*chain.taken, *chain.shapes, *sizes}
        self._shapes = chain.shapes

    def of(self, name: str, wanted: str) -> str:
        """The letter for the entries of a vector; none for a number."""
        if self._shapes[name] == ():
            return ""
        return next(self._free(wanted))

    def for_steps(self, names: Sequence[str]) -> list[str]:
        """One letter for each vector: j for a single one, k, l, … for several."""
        vectors = [name for name in names if self._shapes[name] != ()]
        free = self._free("j" if len(vectors) == 1 else "k")
        return [next(free) if name in vectors else "" for name in names]

    def _free(self, first: str) -> Iterator[str]:
        alphabet = [chr(code) for code in range(ord(first), ord("z") + 1)]
        yield from (letter for letter in alphabet if letter not in self._taken)
        yield from (f"i{k}" for k in count(1))


def _sum_over_steps(context: Context, path: Path, letters: _Letters, top: str, bottom: str) -> Math:
    chain = context.chain
    names = [edge.child for edge in path[:-1]]
    between = letters.for_steps(names)
    places = [(chain.output, top), *zip(names, between, strict=True), (chain.wrt, bottom)]
    factors = [_entry_quotient(context, above, below) for above, below in pairwise(places)]
    product = joined(factors, " · ", r" \cdot ")
    summed = [(name, letter) for name, letter in places[1:-1] if letter]
    if not summed:
        return product
    return joined([_sigma(context, summed), product], " ")


def _sigma(context: Context, summed: Sequence[tuple[str, str]]) -> Math:
    r"""\sum_{j=1}^m over one letter, \sum_{k,l} over several."""
    letters = ",".join(letter for _, letter in summed)
    if len(summed) > 1:
        return plain(f"Σ_{{{letters}}}", rf"\sum_{{{letters}}}")
    size = max(map(str, context.chain.shapes[summed[0][0]]), key=lambda axis: axis != "1")
    above = size if len(size) == 1 else f"{{{size}}}"
    return plain(f"Σ_{{{letters}=1}}^{size}", rf"\sum_{{{letters}=1}}^{above}")


def _entry_quotient(context: Context, above: tuple[str, str], below: tuple[str, str]) -> Math:
    top, bottom = (_entry(context, name, letter) for name, letter in (above, below))

    def write(notation: str) -> str:
        if notation == "latex":
            return rf"\frac{{\partial {top.to(notation)}}}{{\partial {bottom.to(notation)}}}"
        return f"∂{top.to(notation)}/∂{bottom.to(notation)}"

    return Math(write)


def _entry(context: Context, name: str, letter: str) -> Math:
    """x_i; of a vector with a number below already, u_{1,j}."""
    if not letter:
        return context.name(name)
    latex = context.scalar_name(name).to("latex")
    opened = latex.endswith("}") and "_{" in latex
    below = f"{latex[:-1]},{letter}}}" if opened else f"{latex}_{letter}"
    return Math(
        lambda notation: below if notation == "latex" else STYLES[notation].entry(name, [letter])
    )


# ---------------------------------------------------------------- inserted


def _inserted(
    context: Context, paths: Sequence[Path], contributions: Sequence[Formula], total: Formula
) -> Stage:
    chain = context.chain
    left = context.quotient(chain.output, chain.wrt)
    if len(paths) == 1:
        return Stage(
            "insert", say("Insert the local derivatives"), (Line(left, (context.lines(total),)),)
        )
    lines = [
        Line(_route(context, path), (context.lines(contribution),))
        for path, contribution in zip(paths, contributions, strict=True)
    ]
    lines.append(Line(left, (context.lines(total),)))
    return Stage("insert", say("What each path contributes, and their sum"), tuple(lines))


def _route(context: Context, path: Path) -> Math:
    """z → u2 → x"""
    names = [context.chain.output, *(edge.child for edge in path)]
    return joined([context.name(name) for name in names], " → ", r" \to ")
