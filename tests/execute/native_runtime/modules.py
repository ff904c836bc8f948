"""Small native modules for tests, written by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradform.execute.native.blas import DECLARATION
from gradform.execute.native.compiler import compiler
from gradform.execute.native.ctypes_kernel import CtypesKernel
from gradform.execute.native.launcher import kernel
from gradform.execute.native.library import load
from gradform.execute.native.signature import Signature

__all__ = [
    "BATCH_ENTRY",
    "ENTRY",
    "LAUNCHERS",
    "Launcher",
    "Mismatch",
    "header",
    "refused",
    "scaled",
    "scaled_kernel",
]

Launcher = Callable[..., Callable[..., Any]]

PARAMETERS = "char *work, const gf_library *lib, int threads"
ENTRY = f"(const void *const *in, void *const *out, {PARAMETERS})"
BATCH_ENTRY = f"(long count, const void *const *in, void *const *out, {PARAMETERS})"


class Mismatch(Exception):
    """A call that does not fit, as the kernel handed it over."""


def refused(arrays: tuple[Any, ...], named: dict[str, Any]) -> Any:
    raise Mismatch(len(arrays), sorted(named))


def by_ctypes(library: Any, entry: str, signature: Signature, on_mismatch: Any) -> Any:
    return CtypesKernel(library.address(entry), library.table, signature, on_mismatch)


LAUNCHERS: dict[str, Launcher] = {"extension": kernel, "ctypes": by_ctypes}


def header() -> str:
    return f"#include <math.h>\n{DECLARATION}{compiler().prototypes}"


def scaled(real: str = "double", size: int = 3, numbers: int = 0) -> str:
    """y = a x, s = sum of y; the scratch memory is written and read. a < 0 fails with code 1.

    In batches each point has ``numbers`` of a: 1, or 0 where all share one.
    """
    return f"""{header()}
static int one(const {real} *x, const {real} *a, {real} *y, {real} *s, {real} *work)
{{
    for (int i = 0; i < {size}; i++)
        work[i] = *a * x[i];
    {real} sum = 0;
    for (int i = 0; i < {size}; i++)
        sum += y[i] = work[i];
    *s = sum;
    return *a < 0;
}}

int gf_scaled{ENTRY}
{{
    return one(in[0], in[1], out[0], out[1], ({real} *)work);
}}

int gf_scaled_batch{BATCH_ENTRY}
{{
    int failed = 0;
    for (long k = 0; k < count; k++)
        failed |= one((const {real} *)in[0] + k * {size}, (const {real} *)in[1] + k * {numbers},
                      ({real} *)out[0] + k * {size}, ({real} *)out[1] + k, ({real} *)work);
    return failed;
}}
"""


def scaled_kernel(
    launcher: Launcher, *, dtype: str = "float64", size: int = 3, **facts: Any
) -> Callable[..., Any]:
    """The kernel of ``scaled``: x is a row, a a number; outputs y and s."""
    real, item = ("double", 8) if dtype == "float64" else ("float", 4)
    signature = Signature(
        names=("x", "a"),
        shapes=((size,), ()),
        outputs=("y", "s"),
        output_shapes=((size,), ()),
        rows=(True, False),
        dtype=dtype,
        work=size * item,
        failures=("a is negative",),
        **facts,
    )
    entry = "gf_scaled_batch" if signature.is_batched else "gf_scaled"
    numbers = int(signature.is_batched and signature.has_batch(1))
    return launcher(load(scaled(real, size, numbers)), entry, signature, refused)
