"""A stage or a sweep as a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradform.codegen.passes.sweeps import Piece
from gradform.codegen.program.extents import sizes_in
from gradform.codegen.program.straight_line import live_values
from gradform.codegen.python.body import Writer
from gradform.codegen.python.dialect import Dialect
from gradform.codegen.python.module import chooses, docstring_lines, signature
from gradform.codegen.python.plain import plain_values
from gradform.codegen.python.spelling import Speller
from gradform.codegen.text.names import Names
from gradform.codegen.text.pieces import wrapped

__all__ = ["Scope", "sizes_of", "statement", "write_piece"]


class Scope:
    """The identifiers of a module: of variables and results, and of sizes."""

    def __init__(
        self, dialect: Dialect, variables: Mapping[str, str], sizes: Mapping[str, str]
    ) -> None:
        self.dialect = dialect
        self.variables = variables
        self.sizes = sizes

    def names(self) -> Names:
        """Identifiers for a function, all of the module being taken."""
        own = (*self.variables.values(), *self.sizes.values())
        return Names([*self.dialect.reserved, *self.dialect.helpers, *own])


def sizes_of(piece: Piece) -> set[str]:
    """Names of the sizes that the text of a piece mentions."""
    return sizes_in(piece.program, live_values(piece.program, _values(piece)))


def write_piece(
    piece: Piece,
    name: str,
    parameters: Sequence[str],
    scope: Scope,
    docstring: str,
    opening: Sequence[str] = (),
) -> str:
    """Source of a function of ``parameters`` that returns the outputs as a tuple."""
    program, values = Writer.prepared(scope.dialect, piece.program, _values(piece))
    live = live_values(program, values)
    names = scope.names()
    labels = [scope.variables[label] for label, _ in piece.outputs]
    plain = plain_values(program, live) if scope.dialect.only_arrays else ()
    speller = Speller(scope.dialect, scope.variables, scope.sizes, plain)
    writer = Writer(program, live, values, speller, names)
    body = writer.write(labels, as_tuple=True)
    arrays = [scope.variables[name] for name in piece.inputs]
    quiet = scope.dialect.quiet if any(chooses(program, value) for value in live) else ()
    lines = [
        *quiet,
        *signature(name, ", ".join(parameters)),
        *docstring_lines(docstring),
        *(line for code in opening for line in statement(code)),
        *(f"    {line}" for line in scope.dialect.types(arrays, "\n".join(body))),
        *body,
    ]
    return "\n".join(lines) + "\n"


def statement(code: str, indent: str = "    ") -> list[str]:
    """An assignment or a return as lines; what is long is broken behind its start."""
    start, found, rest = code.partition(" = ")
    if found:
        return wrapped(f"{start} = ", rest, indent)
    word, _, rest = code.partition(" ")
    return wrapped(f"{word} ", rest, indent)


def _values(piece: Piece) -> list[int]:
    return [value for _, value in piece.outputs]
