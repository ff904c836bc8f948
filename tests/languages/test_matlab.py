"""MATLAB source, run by GNU Octave where that is installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

import gradform as gf
from gradform.codegen.matlab.module import source
from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.task import Output, Parameter, Task
from gradform.errors import CannotError
from gradform.execute.options import Options
from gradform.functions import Function, Shape, all_functions
from gradform.ir import build
from gradform.ir.dims import ONE, dim
from gradform.ir.nodes import symbol
from tests.languages.identities import Point, agree, cases, points, sources
from tests.languages.octave import OCTAVE, Call, outcomes
from tests.laws.test_functions_spelling import compiled

DOUBLE = Options()
needs_octave = pytest.mark.skipif(OCTAVE is None, reason="GNU Octave is not installed")
ELEMENTWISE = [record for record in all_functions() if record.elementwise]


def test_what_is_refused() -> None:
    found, refused = sources("matlab", DOUBLE)
    assert len(found) + len(refused) == 430
    assert len(refused) <= 3
    assert {error.kind for error in refused.values()} == {"no_matlab"}


@needs_octave
def test_identities(tmp_path: Path) -> None:
    pairs = [(case, point) for case in cases("matlab", DOUBLE) for point in points(case)]
    calls = [Call(case.task, point.sizes, point.inputs) for case, point in pairs]
    found = outcomes(tmp_path, [case.source for case in cases("matlab", DOUBLE)], calls)
    for (case, point), results in zip(pairs, found, strict=True):
        assert not isinstance(results, str), (case.row.id, results)
        _agree(case.row.id, point, results)


def _agree(where: str, point: Point, results: list[np.ndarray]) -> None:
    for result, wanted in zip(results, point.outputs, strict=True):
        assert result.size == wanted.size, where
        rank = np.ndim(wanted)
        assert result.shape[: max(rank, 2)] == (*np.shape(wanted), 1, 1)[: max(rank, 2)], where
        agree(result.reshape(np.shape(wanted)), wanted, where)


def _task(record: Function, name: str) -> tuple[Task, list[str]]:
    """The function of vectors, with whole numbers where it takes them."""
    whole = {"polygamma": 2, "LambertW": -1}
    n = dim("n")
    names = [f"x{k}" for k, kind in enumerate(record.parameters) if kind.startswith("expr")]
    given = iter(names)
    nodes = [
        symbol(next(given), (n,), frozenset())
        if kind.startswith("expr")
        else build.broadcast(build.constant(whole[record.name]), (n,))
        for kind in record.parameters
    ]
    node = build.apply(record, *nodes, axes=None)
    parameters = tuple(Parameter(each, Shape(n, ONE)) for each in names)
    return Task(name, (Output("value", node, Arrangement.neutral(1)),), parameters), names


SPECIAL = [0.0, 1.0, 0.5, -0.25, -1.5, 2.5, 30.0, 1e-9, np.nan, np.inf, -np.inf]


@needs_octave
def test_functions_are_those_of_numpy(tmp_path: Path) -> None:
    """Where NumPy has a real value, and at NaN and infinities."""
    texts, calls, wanted = [], [], []
    for k, record in enumerate(ELEMENTWISE):
        task, names = _task(record, f"f{k}")
        first, second = (grid.ravel() for grid in np.meshgrid(SPECIAL, SPECIAL))
        values = [first, second, np.arange(first.size) / 7.0][: len(names)]
        if record.name in ("lgamma", "digamma", "trigamma", "polygamma", "gamma"):
            # psi(Inf) is -0.577 in Octave 7.
            values = [np.where((v > 0) & np.isfinite(v), v, 0.75) for v in values]
        if record.name == "LambertW":
            values = [np.linspace(-0.36787, -1e-9, 121)]
        texts.append(source(task, DOUBLE))
        calls.append(Call(task, {"n": 121}, dict(zip(names, values, strict=True))))
        whole = {"polygamma": [2.0], "LambertW": [-1.0]}.get(record.name, [])
        given = [*whole, *values] if record.parameters[0] == "int" else [*values, *whole]
        with np.errstate(all="ignore"):
            wanted.append(np.asarray(compiled(record)(*given), float))
    for record, results, want in zip(
        ELEMENTWISE, outcomes(tmp_path, texts, calls), wanted, strict=True
    ):
        assert not isinstance(results, str), (record.name, results)
        np.testing.assert_allclose(results[0].ravel(), want, 1e-10, 1e-300, err_msg=record.name)


def test_every_entrywise_function_has_a_form() -> None:
    assert not [record.name for record in ELEMENTWISE if "matlab" not in record.spell]


@needs_octave
def test_a_file_of_its_own_whose_errors_name_the_variable(tmp_path: Path) -> None:
    text = gf.derivative("A*x + inv(S)*x", "x").source("matlab")
    (tmp_path / "derivative.m").write_text(text)
    order = text.partition("derivative(")[2].partition(")")[0]
    program = (
        "A = [1 2; 3 4]; S = [2 0; 0 4]; x = [1; 1];"
        f"disp(derivative({order}));"
        f"x = [1; 1; 1]; try derivative({order}); catch e, disp(e.message); end;"
        f"x = [1; 1]; S = ones(2); try derivative({order}); catch e, disp(e.message); end"
    )
    assert OCTAVE is not None
    done = subprocess.run(
        [OCTAVE, "--norc", "--quiet", "--eval", program],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "singular" in done.stdout, done.stderr
    assert "x must have size [2 1], got [3 1]" in done.stdout


def test_batches_are_refused() -> None:
    with pytest.raises(CannotError, match="one point"):
        gf.derivative("x'*A*x", "x").source("matlab", batch=True)
