"""How Julia writes what a program does; vectors are of type Vector."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType

from gradform.codegen.columns.dialect import Dialect
from gradform.codegen.julia.helpers import HELPERS
from gradform.codegen.text.arithmetic import Signs
from gradform.codegen.text.pieces import Numerals, Precedence, Text, atom, bracketed, call_text

__all__ = ["JULIA"]

_RESERVED = (
    "baremodule begin break catch const continue do else elseif end export false finally for "
    "function global if import in isa let local macro module nothing quote return struct true try "
    "using where while I Inf NaN pi im size zeros ones fill diagm diag tr det sum exp log sqrt abs "
    "sign sin cos tan tanh sinh cosh max min maximum minimum reshape permutedims kron inv tril "
    "triu reverse cumsum dot vec Float64 Matrix MathConstants prod dropdims erf erfc erfcx "
    "logerfc gamma loggamma digamma trigamma polygamma svdvals eigvals eigen svd opnorm pinv floor "
    "ifelse length ndims vcat hcat cat"
)


class Julia(Dialect):
    """Julia with LinearAlgebra, and SpecialFunctions where a function needs it.

    Templates are written with dots, for arrays; for numbers the dots go.
    """

    language = "julia"
    title = "Julia"
    comment = "#"
    trace = "tr"
    signs = Signs(".+", ".-", ".*", "./")
    helpers = HELPERS
    constants = MappingProxyType(
        {"pi": "pi", "EulerGamma": "MathConstants.eulergamma", "inf": "Inf"}
    )
    reserved = frozenset(_RESERVED.split())
    numerals = Numerals(2**53, "Inf")

    def template(self, template: str, has_axes: bool) -> str:
        if has_axes:
            return template
        return re.sub(r"\.(?=\()", "", re.sub(r" \.([-+*/^<>=])", r" \1", template))

    def entrywise(self, function: str, has_axes: bool) -> str:
        return f"{function}." if has_axes else function

    def power(self, base: str, exponent: str, has_axes: bool, whole: bool) -> str:
        if not whole:
            return f"{self.entrywise('nan_power', has_axes)}({base}, {exponent})"
        return f"{base} .^ {exponent}" if has_axes else f"{base}^{exponent}"

    def square_root(self, code: str, has_axes: bool) -> str:
        return f"{self.entrywise('nan_sqrt', has_axes)}({code})"

    def filled(self, sizes: Sequence[str], number: str) -> Text:
        if number in ("0", "1"):
            return call_text("zeros" if number == "0" else "ones", *sizes)
        return call_text("fill", f"float({number})", *sizes)

    def identity(self, rows: str, columns: str, offset: str) -> Text:
        if offset != "0":
            return atom(f"Float64.((1:{rows}) .+ {offset} .== (1:{columns})')")
        return atom(f"Matrix{{Float64}}(I, {rows}, {columns})")

    def aligned(self, code: str, sizes: Sequence[str], rank: int) -> str:
        if len(sizes) == rank == 1:
            return f"{code}'"
        return f"reshape({code}, {', '.join([*['1'] * rank, *sizes])})"

    def concatenated(self, codes: Sequence[str], axis: int, *, numbers: bool) -> Text:
        if numbers:
            return atom(f"Float64[{', '.join(codes)}]")
        if axis > 1:
            return call_text("cat", *codes[:-1], f"{codes[-1]}; dims = {axis + 1}")
        return call_text("hcat" if axis else "vcat", *codes)

    def permuted(self, code: str, order: Sequence[int | None], rank: int) -> str:
        """Axes permuted, then new ones of size one put in by a reshape."""
        kept = [axis for axis in order if axis is not None]
        gone = [axis for axis in range(rank) if axis not in kept]
        if gone:
            code = f"dropdims({code}; dims = {_tuple(gone)})"
            kept = [axis - sum(g < axis for g in gone) for axis in kept]
        if kept != sorted(kept):
            code = f"permutedims({code}, {tuple(axis + 1 for axis in kept)})"
        if len(kept) == len(order):
            return code
        if len(kept) == 1:
            return f"reshape({code}, {', '.join('1' if k is None else ':' for k in order)})"
        fresh = ("true" if axis is None else "false" for axis in order)
        return f"insert_axes({code}, {', '.join(fresh)})"

    def reshaped(self, code: str, sizes: Sequence[str], rank: int) -> Text:
        return call_text("reshape_by_rows", code, *sizes)

    def taken(self, code: str, picks: Sequence[str], kept: int, sizes: Sequence[str]) -> Text:
        return atom(f"{code}[{', '.join(picks)}]")

    def reduced(
        self, function: str, code: str, axes: Sequence[int], rank: int, left: Sequence[str]
    ) -> Text:
        if len(axes) == rank:
            return call_text(function, code)
        dims = _tuple(axes)
        found = f"{function}({code}; dims = {dims})"
        if rank == 2:
            return call_text("vec", found)
        return atom(f"dropdims({found}; dims = {dims})")

    def softmax(self, code: str, axes: Sequence[int], rank: int) -> Text:
        along = "" if len(axes) == rank else f"; dims = {_tuple(axes)}"
        return atom(f"softmax({code}{along})")

    def total(self, code: str) -> Text:
        return call_text("sum", code)

    def diagonal_matrix(self, code: str) -> Text:
        return call_text("diagm", code)

    def cumulated(self, code: str, axis: int, rank: int, *, backwards: bool) -> Text:
        place = f"; dims = {axis + 1}"
        if not backwards:
            return atom(f"cumsum({code}{place})")
        return atom(f"reverse(cumsum(reverse({code}{place}){place}){place})")

    def solution(self, matrix: Text, right: Text) -> Text:
        sides = [bracketed(text, Precedence.POWER) for text in (matrix, right)]
        return Text(" \\ ".join(sides), Precedence.MATMUL)


def _tuple(axes: Sequence[int]) -> str:
    places = [axis + 1 for axis in axes]
    return str(places[0]) if len(places) == 1 else str(tuple(places))


JULIA = Julia()
