"""Several functions and derivatives as one program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias, Unpack

from gradform.api.expression import Expression
from gradform.api.several import Derivatives
from gradform.derive.answer import Derivative
from gradform.derive.compiling import (
    CompileOptions,
    SourceOptions,
    compile_parts,
    source_of_parts,
)
from gradform.derive.tasks import Part
from gradform.errors import InputError
from gradform.execute.backend import Compiled
from gradform.language import say

__all__ = ["compile", "source"]

Asked: TypeAlias = Expression | Derivative | Derivatives | Sequence["Asked"]


def compile(*what: Asked, backend: str = "numpy", **options: Unpack[CompileOptions]) -> Compiled:
    """One program for expressions and derivatives, which share what they have in common.

    what        expressions, derivatives, or lists of them; the outputs in this order
    backend     ``"numpy"``, ``"native"``, ``"jax"``, ``"torch"`` or ``"dask"``
    dtype       ``"float64"`` or ``"float32"``
    batch       True, or names of the variables that have a further, leading axis; every
                output then has it too
    dense       False: outputs as linear operators that keep their structure
    threads     how many threads large arrays are worked on with
    check       run the first call of new code by plainer code too, and stay there, with a
                warning, if it differs: NumPy code by the source as it is read, native code by
                NumPy code
    fast_math   let the C compiler change values as if there were no rounding, NaN or Inf
    mesh        of JAX devices, over whose first axis rows are parted

    Called with arrays by name, or in the order of its ``parameters``. Raises InputError for
    what is not known, ArrayError for arrays that do not fit.
    """
    return compile_parts(_parts_of(what), backend, **options)


def source(*what: Asked, language: str = "numpy", **options: Unpack[SourceOptions]) -> str:
    """Self-contained source of one function for expressions and derivatives.

    language    ``"numpy"``, ``"jax"``, ``"torch"``, ``"dask"``, ``"c"``, ``"julia"``,
                ``"matlab"``, or ``"native"``: the C that the native backend compiles for
                certain ``sizes``, such as {"m": 1000, "n": 20}
    batch       as in :func:`compile`
    dtype       likewise
    """
    return source_of_parts(_parts_of(what), language, **options)


def _parts_of(what: Sequence[Asked]) -> list[Part]:
    found = list(_parts(what))
    if not found:
        raise InputError(
            say("There is nothing to compile."),
            kind="option",
            hint=say("give expressions and derivatives"),
        )
    return found


def _parts(what: Sequence[Asked]) -> Iterator[Part]:
    for each in what:
        match each:
            case Expression() | Derivative():
                yield each.as_part()
            case Derivatives():
                yield from (derivative.as_part() for derivative in each.values())
            case list() | tuple():
                yield from _parts(each)
            case _:
                raise InputError(
                    say("{type} values cannot be compiled.", type=type(each).__name__),
                    kind="option",
                    hint=say("give expressions and derivatives"),
                )
