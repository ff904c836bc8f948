"""The table of routines: every pointer is callable and computes what its name says."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.special

from gradform.errors import CannotError
from gradform.execute.native.blas import DECLARATION, FUNCTIONS, ROUTINES, names_in, table
from gradform.execute.native.launcher import kernel
from gradform.execute.native.library import load
from gradform.execute.native.signature import Signature
from tests.execute.native_runtime.modules import ENTRY, header, refused

_TYPES = {"d": ("double", "float64", 1e-13), "s": ("float", "float32", 1e-5)}


def test_the_whole_table_is_filled() -> None:
    """SciPy has every routine that is listed, with the arguments that are listed."""
    address = table([*ROUTINES, *FUNCTIONS])
    count = len(ROUTINES) + 2 * len(FUNCTIONS)
    entries = (ctypes.c_void_p * count).from_address(address)
    routines, functions = entries[: len(ROUTINES)], entries[len(ROUTINES) :]
    assert all(entries)
    assert len(set(routines)) == len(routines)
    pairs = set(zip(functions[::2], functions[1::2], strict=True))
    assert len(pairs) == len(FUNCTIONS)


def test_the_declaration_is_laid_out_like_the_table() -> None:
    library = load(
        f"""#include <stddef.h>
{DECLARATION}
long places[] = {{{", ".join(f"offsetof(gf_library, {n})" for n in (*ROUTINES, *FUNCTIONS))}}};
long size = sizeof(gf_library);
"""
    )
    count = len(ROUTINES) + len(FUNCTIONS)
    places = (ctypes.c_long * count).from_address(library.address("places"))
    pointer = ctypes.sizeof(ctypes.c_void_p)
    wanted = [pointer * k for k in range(len(ROUTINES))]
    wanted += [pointer * (len(ROUTINES) + 2 * k) for k in range(len(FUNCTIONS))]
    assert list(places) == wanted
    size = ctypes.c_long.from_address(library.address("size")).value
    assert size == pointer * (len(ROUTINES) + 2 * len(FUNCTIONS))


def test_only_what_is_named_is_filled() -> None:
    assert names_in("lib->dgemm(x); gf_call(&lib->psi, 1);") == {"dgemm", "psi"}


def test_a_routine_that_is_not_there_is_an_error() -> None:
    with pytest.raises(CannotError, match="no routine named 'dnothing'"):
        table(["dnothing"])


def run(body: str, inputs: dict[str, Any], shape: tuple[int, ...], dtype: str) -> Any:
    """A kernel with these lines; inputs and ``y`` are pointers of its dtype, n is 4."""
    real = "double" if dtype == "float64" else "float"
    pointers = "".join(f"{real} *{name} = ({real} *)in[{k}];\n" for k, name in enumerate(inputs))
    source = (
        f"{header()}#include <string.h>\nint gf_f{ENTRY}\n{{\n{pointers}"
        f"{real} *y = out[0], one = 1, zero = 0;\nint n = 4, info = 0, unit = 1, pivots[4];\n"
        f"{body}\nreturn info;\n}}\n"
    )
    shapes = tuple(np.shape(value) for value in inputs.values())
    signature = Signature(tuple(inputs), shapes, ("y",), (shape,), dtype=dtype)
    return kernel(load(source), "gf_f", signature, refused)(*inputs.values())


RNG = np.random.default_rng(7)
A = RNG.normal(size=(4, 4))
B = RNG.normal(size=(4, 4))
S = A @ A.T + np.eye(4)
x = RNG.normal(size=4)
COPY = "memcpy(y, {0}, sizeof(*y) * {1});"


@pytest.mark.parametrize("letter", _TYPES)
@pytest.mark.parametrize(
    ("body", "inputs", "wanted"),
    [
        # (AB)' = B'A': arrays in C order are their transposes in Fortran's
        (
            'lib->{p}gemm("N", "N", &n, &n, &n, &one, B, &n, A, &n, &zero, y, &n);',
            {"A": A, "B": B},
            A @ B,
        ),
        (
            'lib->{p}gemv("T", &n, &n, &one, A, &n, x, &unit, &zero, y, &unit);',
            {"A": A, "x": x},
            A @ x,
        ),
        ("*y = lib->{p}dot(&n, x, &unit, x, &unit);", {"x": x}, np.asarray(x @ x)),
        ("*y = lib->{p}nrm2(&n, x, &unit);", {"x": x}, np.asarray(np.linalg.norm(x))),
        (
            "memset(y, 0, 16 * sizeof(*y));\n"
            'lib->{p}syrk("U", "T", &n, &n, &one, A, &n, &zero, y, &n);',
            {"A": A},
            np.tril(A @ A.T),
        ),
        (
            COPY.format("A", 16) + 'lib->{p}trmm("L", "U", "T", "N", &n, &n, &one, B, &n, y, &n);',
            {"A": A, "B": B},
            (np.tril(B) @ A.T).T,
        ),
        (
            COPY.format("S", 16) + 'lib->{p}potrf("U", &n, y, &n, &info);',
            {"S": S},
            np.tril(np.linalg.cholesky(S)) + np.triu(S, 1),
        ),
        (
            COPY.format("x", 4) + "lib->{p}gesv(&n, &unit, S, &n, pivots, y, &n, &info);",
            {"S": S, "x": x},
            np.linalg.solve(S, x),
        ),
    ],
)
def test_routines_against_numpy(letter: str, body: str, inputs: Any, wanted: Any) -> None:
    _, dtype, tolerance = _TYPES[letter]
    copies = {name: np.array(value, dtype) for name, value in inputs.items()}
    found = run(body.replace("{p}", letter), copies, np.shape(wanted), dtype)
    np.testing.assert_allclose(found, wanted, rtol=tolerance * 100, atol=tolerance * 10)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_special_functions_against_scipy(name: str) -> None:
    points = np.array([0.5, 1.5, 2.0, 7.25, -0.5, np.nan, np.inf, 0.0])
    function = getattr(scipy.special, name)
    if FUNCTIONS[name].arguments == 1:
        body = f"gf_map(&lib->{name}, 8, x, y); y[3] = gf_call(&lib->{name}, x[3]);"
        wanted = function(points)
    else:
        body = f"for (int i = 0; i < 8; i++) y[i] = gf_call2(&lib->{name}, 3.0, x[i]);"
        wanted = function(3.0, points)
    found = run(body, {"x": points}, (8,), "float64")
    np.testing.assert_allclose(found, wanted, rtol=1e-14)
