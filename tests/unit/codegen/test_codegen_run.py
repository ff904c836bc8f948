"""Generated source stands alone; importing the compiler stays cheap."""

from __future__ import annotations

import subprocess
import sys
import traceback

import numpy as np
import pytest

from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.python.numpy import generate
from gradform.codegen.python.run import compile_source
from gradform.ir import build
from gradform.ir.expr import Expr
from tests.unit.codegen.codegen_cases import (
    function,
    m,
    matrix,
    n,
    source_of,
    symbols_of,
    variable,
    vector,
)

A, X, x, y = matrix("A", n, n), matrix("X", m, n), vector("x", n), vector("y", m)


def isolated(code: str) -> str:
    """What a fresh interpreter, which does not find gradform, prints."""
    result = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_source_runs_in_a_fresh_interpreter() -> None:
    residual = X @ x - y
    source = source_of(residual, 2 * (X.T @ residual))
    call = "print(f(X=np.eye(2), x=np.ones(2), y=np.zeros(2))[1].tolist())"
    assert isolated(f"{source}\n{call}") == "[2.0, 2.0]"


def test_source_with_helpers_and_scipy_runs_in_a_fresh_interpreter() -> None:
    exp, erf, expm = function("exp"), function("erf"), function("expm")
    share = exp(x) / exp(x).sum()
    derivative = build.apply(expm, A.node, axes=(n, n, n, n), order=1)
    slope = Expr(build.contract(1, [(derivative, "ijkl", 1), (A.node, "ij", 1)], "kl"))
    part = Expr(build.contract(1, [(x.node, "i", 1), (build.unit(n, n - 1), "k", 1)], "ik"))
    spread = Expr(build.contract(1, [(A.node, "ij", 1), (build.delta(n), "ik", 1)], "ijk"))
    outputs = (share, erf(x), slope, Expr(derivative), part, spread, function("sigmoid")(x))
    source = source_of(*outputs)
    call = "print([r.shape for r in f(A=np.zeros((2, 2)), x=np.ones(2))])"
    expected = "[(2,), (2,), (2, 2), (2, 2, 2, 2), (2, 2), (2, 2, 2), (2,)]"
    assert isolated(f"{source}\n{call}") == expected


def test_importing_the_compiler_does_not_import_numpy() -> None:
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}; import gradform.codegen.python.numpy; "
        "print('numpy' in sys.modules)"
    )
    assert isolated(code) == "False"


@pytest.mark.parametrize(
    "text",
    ["", "One line.", 'A "quoted" end"', 'Three """ quotes', "A \\ backslash", "Two\n\n  lines\n"],
)
def test_docstrings_are_kept(text: str) -> None:
    outputs = [("g", x.node, Arrangement((0,)))]
    source = generate("f", outputs, [variable(s) for s in symbols_of([x.node])], docstring=text)
    found = compile_source(source, "f").__doc__ or ""
    assert [line.strip() for line in found.strip().split("\n")] == [
        line.strip() for line in text.strip().split("\n")
    ]


def test_tracebacks_show_generated_lines() -> None:
    f = compile_source(source_of(A @ x), "f")
    try:
        f(A=[[1, 2]], x=[1])
    except ValueError:
        assert "raise ValueError" in traceback.format_exc()
    else:
        pytest.fail("a matrix that is not square was taken")


def test_one_output_is_returned_bare_and_scalars_are_floats() -> None:
    value = Expr(build.contract(1, [(x.node, "i", 2)], ""))
    assert type(compile_source(source_of(value), "f")(x=[3, 4])) is float
    both = compile_source(source_of(value, x), "f")(x=[3, 4])
    assert isinstance(both, tuple)
    assert both[0] == 25.0


def test_results_do_not_alias_arguments() -> None:
    argument = np.ones(3)
    result = compile_source(source_of(x), "f")(x=argument)
    result[0] = 7.0
    assert argument[0] == 1.0
    spread = Expr(build.contract(1, [(x.node, "i", 1)], "ki", {"k": m}))
    table = compile_source(source_of(spread), "f")(x=argument, m=2)
    table[0] = 7.0
    assert table[1].tolist() == [1.0, 1.0, 1.0]
