"""Roots of sums of squares where the squares overflow or vanish, in C and in MATLAB."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gradform.codegen.c.module import source as c_source
from gradform.codegen.matlab.module import source as matlab_source
from gradform.codegen.task import Task
from gradform.execute.options import Options
from gradform.records import replaced
from tests.execute.root_cases import (
    CASES,
    DERIVATIVES,
    SIZES,
    RootCase,
    close_at,
    quantity,
    reference,
    scaled,
)
from tests.languages.c_programs import built, called, needs_compiler
from tests.languages.octave import Call, outcomes
from tests.languages.test_matlab import needs_octave

EXPONENTS = (-1000, -530, -330, 0, 330, 530, 1000)


def _quantities() -> list[tuple[RootCase, str, Task]]:
    pairs = [(case, what) for case in CASES for what in DERIVATIVES]
    return [
        (case, what, replaced(quantity(case, what).compile().task, name=f"f{k}"))
        for k, (case, what) in enumerate(pairs)
    ]


def _powers(case: RootCase, what: str) -> list[tuple[int, int]]:
    """Exponents of the scale and of the result."""
    degree = case.degree - DERIVATIVES.index(what)
    return [(k, k * degree) for k in EXPONENTS if abs(k * degree) <= 1000]


@needs_compiler
def test_c(tmp_path: Path) -> None:
    for case, what, task in _quantities():
        library = built(tmp_path, task.name, c_source(task, Options()))
        for exponent, power in _powers(case, what):
            (found,) = called(library, task, SIZES, scaled(case, 2.0**exponent))
            note = f"{what} of {case.text} at 2^{exponent}"
            close_at(found, reference(case, what) * 2.0**power, 1e-13, note)


@needs_compiler
def test_c_in_single_precision(tmp_path: Path) -> None:
    options = Options(dtype="float32")
    for case, what, task in _quantities():
        library = built(tmp_path, task.name, c_source(task, options))
        degree = case.degree - DERIVATIVES.index(what)
        for exponent in (-100, -70, 0, 70, 100):
            if abs(exponent * degree) > 100:
                continue
            point = scaled(case, 2.0**exponent)
            (found,) = called(library, task, SIZES, point, dtype=np.float32)
            note = f"{what} of {case.text} at 2^{exponent}"
            close_at(found, reference(case, what) * 2.0 ** (exponent * degree), 2e-5, note)


@needs_octave
def test_matlab(tmp_path: Path) -> None:
    tasks = _quantities()
    at = [(each, *powers) for each in tasks for powers in _powers(*each[:2])]
    calls = [Call(task, SIZES, scaled(case, 2.0**k)) for (case, _, task), k, _ in at]
    texts = [matlab_source(task, Options()) for _, _, task in tasks]
    found = outcomes(tmp_path, texts, calls)
    for ((case, what, _), exponent, power), results in zip(at, found, strict=True):
        assert not isinstance(results, str), (case.text, what, results)
        (array,) = results
        if array.ndim > 2:  # written column by column, as Octave has it
            continue
        note = f"{what} of {case.text} at 2^{exponent}"
        close_at(array.reshape(array.shape), reference(case, what) * 2.0**power, 1e-13, note)
