r"""Index notation for a paper: ``D_{i,j} = \sum_{k} A_{i,k} x_{k}``.

Indices stand below the names, functions are written as everywhere in LaTeX, and conditions on
indices as Kronecker's δ or in Iverson's brackets.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from fractions import Fraction
from itertools import count

from gradform.formula.spelling import Precedence
from gradform.formula.tree import Call, Name
from gradform.ir.dims import Dim
from gradform.ir.nodes import (
    Apply,
    Coefficient,
    Contraction,
    Leaf,
    Node,
    Sum,
    Symbol,
    magnitude,
)
from gradform.notation.index import index_letter, index_letters, parts_to_name, unused_names
from gradform.notation.latex_products import fenced, product
from gradform.notation.latex_symbols import exponent_digits, number, operator_name, spaced, symbol
from gradform.notation.latex_templates import filled
from gradform.notation.pieces import Piece, chunks, commas, held, negated, total
from gradform.notation.spelled import spell_latex
from gradform.notation.spelling import LATEX_OPERATORS, spelling_of
from gradform.records import replaced

__all__ = ["delta", "entry_lines_latex", "index_latex", "indexed"]

_NAME = re.compile(r"[A-Za-z_]\w*")


def index_latex(node: Node) -> str:
    r"""The entry of a tensor at its axes in order; long ones in parts, as ``aligned`` lines."""
    places = index_letters(node.rank)
    *parts, body = entry_lines_latex(node, places)
    lines = [*parts, f"{indexed('D', places)} &= {body}"]
    if len(lines) == 1:
        return lines[0].replace(" &= ", " = ")
    return "\\begin{aligned} " + r" \\ ".join(lines) + " \\end{aligned}"


def entry_lines_latex(
    node: Node,
    places: Sequence[str],
    *,
    taken: int | None = None,
    pairs: Collection[Node] = (),
) -> list[str]:
    r"""The entry at ``places``, last; before it the parts it names, ``t_{1} &= …``.

    ``taken`` is how many letters have a meaning around; ``pairs`` are placeholders for the
    derivative of a variable by itself, a product of Kronecker deltas.
    """
    names = _Names(node, pairs)
    lines = [names.define(part) for part in parts_to_name(node)]
    return [*lines, names.body(node, places, len(places) if taken is None else taken)]


class _Names:
    """The parts that have a name of their own."""

    def __init__(self, root: Node, pairs: Collection[Node]) -> None:
        self._names: dict[Node, str] = {}
        self._pairs = pairs
        self._free = unused_names(root)

    def define(self, node: Node) -> str:
        r"""``t_{1} &= …``; from now on the part is written by that name."""
        name = symbol(next(self._free), bold=False)
        places = index_letters(node.rank)
        line = f"{indexed(name, places)} &= {self.body(node, places, node.rank)}"
        self._names[node] = name
        return line

    def body(self, node: Node, places: Sequence[str], taken: int) -> str:
        """The entry of a part at the given indices."""
        body = _Writer(taken, self._names, self._pairs).node(node, places)
        return spaced(chunks(Piece((body,), Precedence.ANY)))


class _Writer:
    """Entries as pieces; summed indices get fresh letters."""

    def __init__(self, taken: int, names: dict[Node, str], pairs: Collection[Node]) -> None:
        self._next = count(taken)
        self._names = names
        self._pairs = pairs

    def _fresh(self) -> str:
        return index_letter(next(self._next))

    def entry(self, node: Node, at: Sequence[str]) -> Piece:
        """The entry of ``node`` at the given indices."""
        if node in self._names:
            return _atom(indexed(self._names[node], at))
        return self.node(node, at)

    def node(self, node: Node, at: Sequence[str]) -> Piece:
        """The same by its own form, where it has a name."""
        match node:
            case Symbol() if node in self._pairs:
                half = len(at) // 2
                ones = [delta(*pair) for pair in zip(at[:half], at[half:], strict=True)]
                return _atom(" ".join(ones) or "1")
            case Symbol():
                return _atom(indexed(symbol(node.name, bold=False), at))
            case Leaf():
                return _leaf(node, at)
            case Sum():
                return self._sum(node, at)
            case Apply():
                return self._apply(node, at)
            case Contraction():
                return self._contraction(node, at)
        raise AssertionError(node)

    def _sum(self, node: Sum, at: Sequence[str]) -> Piece:
        ordered = sorted(node.terms, key=lambda term: term[0] < 0)
        terms = [_times(magnitude(size), self.entry(term, at)) for size, term in ordered]
        signs = [-1 if size < 0 else 1 for size, _ in ordered]
        first = negated(terms[0], fenced) if signs[0] < 0 else terms[0]
        return total([first, *terms[1:]], signs, fenced)

    def _contraction(self, node: Contraction, at: Sequence[str]) -> Piece:
        names = [*at, *(self._fresh() for _ in range(len(node.dims) - node.rank))]
        size = magnitude(node.coefficient)
        entries = [
            (self.entry(factor, [names[k] for k in labels]), power)
            for factor, labels, power in node.factors
        ]
        body = _fraction(size, entries)
        inner = names[node.rank :]
        if inner:
            below = ("_{", ",".join(inner), "} ")
            parts = (r"\sum", *below, held(body, Precedence.PRODUCT, fenced))
            body = Piece(parts, Precedence.OPERATOR, tall=True)
        return negated(body, fenced) if node.coefficient < 0 else body

    def _apply(self, node: Apply, at: Sequence[str]) -> Piece:
        if node.fn.elementwise:
            return _called(node.fn.name, [self.entry(argument, at) for argument in node.args])
        arguments = [self._whole(argument) for argument in node.args]
        if node.fn.primary and node.order:
            return _marked(_frechet(node, arguments), at)
        if node.fn.along_axis and node.order:
            arguments.append(_number(node.order))
        return _marked(_called(node.fn.name, arguments), at)

    def _whole(self, node: Node) -> Piece:
        """A matrix argument: its name, or its entries in brackets."""
        if isinstance(node, Symbol):
            return _atom(symbol(node.name, bold=node.rank > 0))
        if node in self._names:
            return _atom(self._names[node])
        places = [self._fresh() for _ in node.axes]
        inside = self.entry(node, places)
        if not places:
            return inside
        left, right = (r"\left[", r"\right]") if inside.tall else ("[", "]")
        below = f"{right}_{{{','.join(places)}}}"
        return Piece((left, inside, below), Precedence.POSTFIX, tall=inside.tall)


def _atom(written: str) -> Piece:
    return Piece((written,), Precedence.ATOM, scalar=True)


def indexed(name: str, at: Sequence[str]) -> str:
    r"""``A_{i,j}``; a name with a subscript of its own in brackets, ``(x_{1})_{i}``."""
    if not at:
        return name
    base = f"({name})" if "_{" in name else name
    return f"{base}_{{{','.join(at)}}}"


def delta(left: str, right: str) -> str:
    """1 where two indices agree, else 0."""
    return rf"\delta_{{{left},{right}}}"


def _marked(piece: Piece, at: Sequence[str]) -> Piece:
    """An entry of what a function of a whole matrix gives."""
    if not at:
        return replaced(piece, scalar=True)
    marked = "".join(chunks(piece)).endswith("}") or piece.precedence < Precedence.ATOM
    base = fenced(piece) if marked else piece
    return Piece((base, "_{", ",".join(at), "}"), Precedence.ATOM, tall=base.tall, scalar=True)


def _called(name: str, arguments: list[Piece]) -> Piece:
    if name == "pow":
        base, exponent = arguments
        held_base = held(base, Precedence.ATOM, fenced)
        return Piece((held_base, "^{", exponent, "}"), Precedence.POSTFIX, scalar=True)
    call = Call(name, tuple(Name("x") for _ in arguments))
    spelling = spelling_of(call, spell_latex, LATEX_OPERATORS)
    if spelling is not None and not spelling.lowered:
        return filled(spelling, arguments)
    if not arguments:
        return _atom(operator_name(name))
    return Piece((operator_name(name), _listed(arguments)), Precedence.ATOM)


def _frechet(node: Apply, arguments: list[Piece]) -> Piece:
    r"""``\mathrm{D}^{2}\operatorname{expm}(\mathbf{X})``: the tensor of a derivative."""
    order = f"^{{{node.order}}}" if node.order > 1 else ""
    name = operator_name(node.fn.name)
    return Piece((rf"\mathrm{{D}}{order}{name}", _listed(arguments)), Precedence.ATOM)


def _listed(arguments: list[Piece]) -> Piece:
    tall = any(argument.tall for argument in arguments)
    return fenced(Piece(tuple(commas(arguments)), Precedence.ANY, tall=tall))


def _power(base: Piece, power: Coefficient) -> Piece:
    if power == 1:
        return base
    exponent = f"^{{{exponent_digits(Fraction(power))}}}"
    return Piece((held(base, Precedence.ATOM, fenced), exponent), Precedence.POSTFIX, scalar=True)


def _fraction(size: Coefficient, entries: Sequence[tuple[Piece, Coefficient]]) -> Piece:
    """A number times powers of entries, whose order is free: divisors come last."""
    factors = [_number(size)] if size != 1 or not entries else []
    factors += [_power(entry, power) for entry, power in entries if power > 0]
    divisors = [(entry, power) for entry, power in entries if power < 0]
    if not factors:  # 1/x is written as a power
        factors, divisors = [_power(*each) for each in divisors], []
    operators = ["*"] * len(factors) + ["/"] * len(divisors)
    factors += [_power(entry, -power) for entry, power in divisors]
    return product(factors, operators) if len(factors) > 1 else factors[0]


def _times(size: Coefficient, term: Piece) -> Piece:
    return term if size == 1 else product([_number(size), term], ["*", "*"])


def _number(value: Coefficient) -> Piece:
    return number(Fraction(value))


def _leaf(node: Leaf, at: Sequence[str]) -> Piece:
    match node.kind:
        case "delta":
            return _atom(delta(at[0], at[1]))
        case "unit":
            return _atom(f"[{at[0]} = {_size(node.params[0] + 1)}]")
        case "select":
            offset = _size(node.params[0])
            moved = at[0] if offset == "0" else f"{at[0]} + {offset}"
            return _atom(f"[{at[1]} = {moved}]")
        case "lower":
            return _atom(rf"[{at[0]} \ge {at[1]}]")
        case "flatten":
            rows = _size(node.axes[2])
            factor = rows if node.axes[2].is_name or rows.isdecimal() else f"({rows})"
            return _atom(rf"[{at[0]} = ({at[1]} - 1)\,{factor} + {at[2]}]")
        case "size":
            size = node.params[0]
            holds = Precedence.ATOM if size.is_name or size.value is not None else Precedence.SUM
            return Piece((_size(size),), holds, scalar=True)
        case _:
            return _atom(operator_name(node.kind))


def _size(size: Dim) -> str:
    """A dimension: sizes are scalars, products stand side by side."""
    written = _NAME.sub(lambda name: symbol(name[0], bold=False), str(size))
    return re.sub(r"\s*\*\s*", r"\\,", written)
