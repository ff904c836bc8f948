"""How MATLAB and GNU Octave write what a program does; vectors are n x 1."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from gradform.codegen.columns.dialect import Dialect
from gradform.codegen.matlab.helpers import HELPERS
from gradform.codegen.text.arithmetic import Signs
from gradform.codegen.text.pieces import Numerals, Text, atom, call_text

__all__ = ["MATLAB"]

_RESERVED = (
    "break case catch classdef continue do else elseif end end_try_catch endfunction endif "
    "endwhile for function global if otherwise parfor persistent return spmd switch try until "
    "unwind_protect while i j e eps pi Inf NaN ans size zeros ones eye diag sum exp log sqrt abs "
    "sign sin cos tan tanh sinh cosh max min reshape permute cat kron inv det trace tril triu flip "
    "cumsum error isequal double single expm eig svd norm pinv chol lu gamma gammaln psi erf erfc "
    "erfcx floor length numel ndims"
)


class Matlab(Dialect):
    """MATLAB without toolboxes, and Octave."""

    language = "matlab"
    title = "MATLAB"
    comment = "%"
    signs = Signs("+", "-", ".*", "./")
    helpers = HELPERS
    constants = MappingProxyType({"pi": "pi", "EulerGamma": "0.57721566490153286061", "inf": "Inf"})
    reserved = frozenset(_RESERVED.split())
    numerals = Numerals(2**53, "Inf")
    indexed = False

    def power(self, base: str, exponent: str, has_axes: bool, whole: bool) -> str:
        if not whole:
            return f"real_power({base}, {exponent})"
        return f"{base}.^{exponent}" if has_axes else f"{base}^{exponent}"

    def square_root(self, code: str, has_axes: bool) -> str:
        return f"real_or_nan(sqrt({code}))"

    def filled(self, sizes: Sequence[str], number: str) -> Text:
        shape = ", ".join([*sizes, "1"] if len(sizes) == 1 else sizes)
        if number in ("0", "1"):
            return call_text("zeros" if number == "0" else "ones", shape)
        return call_text("repmat", number, shape)

    def identity(self, rows: str, columns: str, offset: str) -> Text:
        if offset != "0":
            return atom(f"double((1:{rows})' + {offset} == 1:{columns})")
        # Octave keeps eye and diag as diagonal matrices, which do not broadcast.
        size = rows if rows == columns else f"{rows}, {columns}"
        return call_text("full", f"eye({size})")

    def aligned(self, code: str, sizes: Sequence[str], rank: int) -> str:
        if len(sizes) == rank == 1:
            return f"{code}'"
        return f"reshape({code}, [{', '.join(['1'] * rank + list(sizes))}])"

    def concatenated(self, codes: Sequence[str], axis: int, *, numbers: bool) -> Text:
        if axis > 1:
            return call_text("cat", str(axis + 1), *codes)
        return atom(f"[{(', ' if axis else '; ').join(codes)}]")

    def permuted(self, code: str, order: Sequence[int | None], rank: int) -> str:
        """Axes beyond the last one have size one."""
        fresh = iter(range(rank + 1, rank + len(order) + 2))
        places = [next(fresh) if axis is None else axis + 1 for axis in order]
        places += [axis + 1 for axis in range(rank) if axis not in order]
        places += [next(fresh)] if len(places) == 1 else []
        if places == sorted(places):
            return code
        return f"{code}'" if places == [2, 1] else f"permute({code}, {places})"

    def reshaped(self, code: str, sizes: Sequence[str], rank: int) -> Text:
        shape = [*sizes, *["1"] * (2 - len(sizes))]
        return call_text("reshape_by_rows", code, f"[{', '.join(shape)}]")

    def taken(self, code: str, picks: Sequence[str], kept: int, sizes: Sequence[str]) -> Text:
        found = f"{code}({', '.join(picks)})"
        whole = [pick == ":" or ":" in pick for pick in picks]
        if whole == [False, True]:
            return atom(f"{found}'")
        if kept and len(picks) > 2:
            return atom(f"reshape({found}, [{', '.join([*sizes, '1', '1'][: max(kept, 2)])}])")
        return atom(found)

    def reduced(
        self, function: str, code: str, axes: Sequence[int], rank: int, left: Sequence[str]
    ) -> Text:
        if len(axes) == rank:
            return call_text(function, code, "0")
        if rank == 2 or len(axes) == 1:
            found = f"{function}({code}, {axes[0] + 1})"
        elif function == "sum":
            found = code
            for axis in axes:
                found = f"sum({found}, {axis + 1})"
        else:
            found = f"{function}({code}, {[axis + 1 for axis in axes]})"
        if rank == 2:
            return atom(f"{found}'" if axes[0] == 0 else found)
        shape = [*left, *["1"] * (2 - len(left))]
        return atom(f"reshape({found}, [{', '.join(shape)}])")

    def total(self, code: str) -> Text:
        return call_text("total", code)

    def diagonal_matrix(self, code: str) -> Text:
        return call_text("full", f"diag({code})")

    def cumulated(self, code: str, axis: int, rank: int, *, backwards: bool) -> Text:
        place = str(axis + 1)
        if not backwards:
            return call_text("cumsum", code, place)
        return call_text("flip", f"cumsum(flip({code}, {place}), {place})", place)

    def softmax(self, code: str, axes: Sequence[int], rank: int) -> Text:
        places = [axis + 1 for axis in axes]
        along = "0" if len(axes) == rank else str(places[0] if len(places) == 1 else places)
        return call_text("softmax", code, along)

    def solution(self, matrix: Text, right: Text) -> Text:
        return call_text("solution", matrix.code, right.code)


MATLAB = Matlab()
