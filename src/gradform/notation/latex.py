r"""LaTeX as a paper would set it, for amsmath and amssymb and for KaTeX.

Vectors and matrices are bold. Products stand side by side and bind tighter than ``\odot``,
``\oslash`` and ``\otimes``, which have no agreed order among each other and therefore get
brackets. ``/`` becomes a fraction; a coefficient is drawn out of a long one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from gradform.formula.spelling import Precedence, Spell
from gradform.formula.tree import (
    Add,
    Call,
    Compare,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Program,
    Slice,
    Stack,
    Transpose,
    children,
    fold,
)
from gradform.notation.latex_products import beginning, fenced, product
from gradform.notation.latex_symbols import (
    exponent_digits,
    number,
    operator_name,
    spaced,
    symbol,
    typical_rank,
)
from gradform.notation.latex_templates import filled
from gradform.notation.pieces import (
    Part,
    Piece,
    chunks,
    commas,
    compared,
    held,
    negated,
    sliced,
    stacked_rows,
    total,
)
from gradform.notation.spelling import (
    LATEX_OPERATORS,
    grouped,
    is_index,
    literal,
    name_parts,
    roots,
    spelling_of,
    variables,
)
from gradform.records import replaced

__all__ = ["to_latex"]

_COMPARISONS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne", "==": "="}
_INVERSE, _TRANSPOSED, _INVERSE_TRANSPOSED = "^{-1}", r"^{\top}", r"^{-\top}"


def to_latex(
    formula: Formula | Program,
    *,
    spell: Spell | None = None,
    shapes: Mapping[str, Sequence[object]] | None = None,
    left: str = "",
) -> str:
    """The formula in LaTeX, without math delimiters.

    ``spell`` gives functions their notation, ``shapes`` the axes of each variable; a
    variable it does not list is bold or not by its first letter. ``left`` is LaTeX that the
    formula is said to equal. A program with named intermediates becomes an ``aligned`` block.
    """
    writer = _Writer(formula, spell, shapes or {}, variables(formula, shapes))
    lines = [spaced(chunks(fold(root, writer.visit))) for root in roots(formula)]
    if not isinstance(formula, Program) or not formula.definitions:
        return f"{left} = {lines[-1]}" if left else lines[-1]
    rows = [
        f"{writer.symbol(each.name)} &= {line}"
        for each, line in zip(formula.definitions, lines, strict=False)
    ]
    rows.append(rf"{left} &= {lines[-1]}" if left else rf"&\mathrel{{\phantom{{=}}}} {lines[-1]}")
    return "\\begin{aligned} " + " \\\\ ".join(rows) + " \\end{aligned}"


def _names_of_sizes(shapes: Mapping[str, Sequence[object]]) -> frozenset[str]:
    """n and m of an axis ``n-m+1``: in a formula they are numbers."""
    axes = (str(axis) for shape in shapes.values() for axis in shape)
    return frozenset(name for axis in axes for name in re.findall(r"[^\W\d]\w*", axis))


class _Writer:
    """The visit of a fold, with what it must know of names and functions."""

    def __init__(
        self,
        formula: Formula | Program,
        spell: Spell | None,
        shapes: Mapping[str, Sequence[object]],
        is_variable: Callable[[str], bool],
    ) -> None:
        self._spell = spell
        self._shapes = shapes
        self._dimensions = _names_of_sizes(shapes)
        self._is_variable = is_variable
        self._sizes = self._nodes_of_sizes(formula)

    def symbol(self, name: str) -> str:
        """A variable as it is set: bold unless it is a scalar."""
        return symbol(name, self._is_bold(name))

    def _is_bold(self, name: str) -> bool:
        declared = self._shapes.get(name)
        if declared is None:
            return name not in self._dimensions and typical_rank(name) > 0
        return len(declared) > 0

    def _nodes_of_sizes(self, formula: Formula | Program) -> set[int]:
        """The ids of nodes that are sizes or indices, where names are never bold."""
        sizes: set[int] = set()
        seen: set[int] = set()
        todo = roots(formula)
        while todo:
            node = todo.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            below = children(node)
            if id(node) in sizes:
                sizes.update(map(id, below))
            elif isinstance(node, Call):
                sizes.update(id(below[k]) for k in self._size_positions(node))
            todo.extend(below)
        return sizes

    def _size_positions(self, call: Call) -> Sequence[int] | frozenset[int]:
        if is_index(call, self._is_variable):
            return range(len(call.args))
        spelling = spelling_of(call, self._spell, LATEX_OPERATORS)
        return frozenset() if spelling is None else spelling.lowered

    def visit(self, node: Formula, pieces: list[Piece]) -> Piece:
        """The piece of a node, given those of its children."""
        match node:
            case Number():
                return number(node.value)
            case Name():
                return self._name(node)
            case Call():
                return self._call(node, pieces)
            case Neg():
                return negated(pieces[0], fenced)
            case Add():
                return total(pieces, node.signs, fenced)
            case Mul():
                return product(grouped(node, pieces, fenced), node.ops)
            case Power():
                return _power(node, pieces)
            case Transpose():
                return _marked(pieces[0], _TRANSPOSED)
            case Stack():
                return _matrix(node, pieces)
            case Compare():
                return compared(pieces, _COMPARISONS.get(node.operator, node.operator))
            case Slice():
                return sliced(node, pieces)

    def _name(self, node: Name) -> Piece:
        spelling = spelling_of(node, self._spell, LATEX_OPERATORS)
        if spelling is not None:
            return filled(spelling, [])
        bold = id(node) not in self._sizes and self._is_bold(node.name)
        letters = (name_parts(node.name) or (node.name, ()))[0]
        written = symbol(node.name, bold)
        word = len(letters) > 1 and r"\math" in written
        return Piece((written,), Precedence.ATOM, scalar=not bold, word=word)

    def _call(self, node: Call, pieces: list[Piece]) -> Piece:
        if is_index(node, self._is_variable):
            return _element(node, pieces)
        if _is_cases(node):
            return _cases(pieces)
        spelling = spelling_of(node, self._spell, LATEX_OPERATORS)
        if spelling is None:
            arguments = Piece(tuple(commas(pieces)), Precedence.ANY, tall=_any_tall(pieces))
            return Piece(
                (operator_name(node.name), fenced(arguments)), Precedence.ATOM, tall=arguments.tall
            )
        if spelling.mark is not None:
            return _marked(pieces[0], f"^{{{spelling.mark}}}")
        return filled(spelling, pieces)


def _is_cases(node: Call) -> bool:
    """Conditions and values in turn, and a last value for everything else."""
    return len(node.args) % 2 == 1 and isinstance(node.args[0], Compare)


def _cases(pieces: list[Piece]) -> Piece:
    """``\\begin{cases} -x & \\text{if } x < 0 \\\\ x & \\text{otherwise} \\end{cases}``"""
    parts: list[Part] = [r"\begin{cases} "]
    for condition, value in zip(pieces[:-1:2], pieces[1::2], strict=True):
        parts.extend((_first_in_row(value), r" & \text{if } ", condition, r" \\ "))
    parts.extend((_first_in_row(pieces[-1]), r" & \text{otherwise} \end{cases}"))
    return Piece(tuple(parts), Precedence.ATOM, tall=True)


def _first_in_row(piece: Piece) -> Piece:
    """A piece that the line break before it does not take for its argument."""
    if beginning(piece).startswith(("[", "*")):
        return replaced(piece, parts=("{}", *piece.parts))
    return piece


def _any_tall(pieces: Sequence[Piece]) -> bool:
    return any(piece.tall for piece in pieces)


def _element(node: Call, pieces: list[Piece]) -> Piece:
    """``x_{2}`` for an element, bold ``\\mathbf{x}_{2:n}`` for a slice."""
    part = any(isinstance(arg, Slice) for arg in node.args)
    written = symbol(node.name, bold=part)
    if "_" in written:  # a name with a subscript of its own
        written = f"({written})"
    below = ("_{", *commas(pieces, ","), "}")
    return Piece((written, *below), Precedence.ATOM, scalar=not part)


def _marked(piece: Piece, mark: str) -> Piece:
    """A piece with a superscript; an inverse and a transpose share one."""
    if {piece.superscript, mark} == {_INVERSE, _TRANSPOSED} and not piece.negative:
        return replaced(piece, superscript=_INVERSE_TRANSPOSED)
    return _raised(piece, mark)


def _raised(base: Piece, superscript: Part) -> Piece:
    body = held(base, Precedence.ATOM, fenced)
    return Piece(
        (body,), Precedence.POSTFIX, superscript=superscript, tall=body.tall, word=body.word
    )


def _power(node: Power, pieces: list[Piece]) -> Piece:
    base, exponent = pieces
    plain = not node.elementwise or base.scalar
    value = literal(node.exponent)
    if value is not None:
        digits = exponent_digits(value)
        return _marked(base, f"^{{{digits}}}" if plain else rf"^{{\odot {digits}}}")
    if not plain:
        exponent = held(exponent, Precedence.POSTFIX, fenced)
    opening = "^{" if plain else r"^{\odot "
    return _raised(base, Piece((opening, exponent, "}"), Precedence.ANY))


def _matrix(node: Stack, blocks: list[Piece]) -> Piece:
    parts: list[Part] = [r"\begin{bmatrix} "]
    for k, row in enumerate(stacked_rows(node, blocks)):
        row[0] = _first_in_row(row[0])
        parts.extend((r" \\ " if k else "", *commas(row, " & ")))
    return Piece((*parts, r" \end{bmatrix}"), Precedence.ATOM, tall=True)
