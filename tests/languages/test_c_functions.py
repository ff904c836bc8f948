"""Functions of whole arrays in C: as NumPy, with NaN and equal entries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gradform.codegen.c.module import source
from gradform.codegen.task import Task
from gradform.execute.backend import compiler
from gradform.execute.options import Options
from gradform.functions import Function, all_functions
from tests.execute.batches import task_of
from tests.golden.rows import Array
from tests.languages.c_programs import built, called, needs_compiler
from tests.support.samples import SIZES, SampleCall

pytestmark = needs_compiler
ARRAYS = [r for r in all_functions() if r.is_primitive and not r.elementwise and "c" in r.spell]


def _tasks(record: Function) -> Iterator[tuple[SampleCall, Task]]:
    for text in record.arguments:
        call = SampleCall(record, text)
        if getattr(call.node(), "fn", None) is record:
            yield call, task_of(call.node())


def test_they_are_here() -> None:
    assert len(ARRAYS) >= 16


@pytest.mark.parametrize("record", ARRAYS, ids=lambda record: record.name)
def test_c_is_numpy(record: Function, tmp_path: Path) -> None:
    for k, (call, task) in enumerate(_tasks(record)):
        library = built(tmp_path, f"call{k}", source(task, Options()))
        run = compiler("numpy")(task, Options())
        for number in range(3):
            point = {name: np.squeeze(each)[()] for name, each in call.point(number).items()}
            arrays = [point, {name: np.round(each) for name, each in point.items()}]
            for inputs in arrays if record.differential is None else arrays[:1]:
                (found,) = called(library, task, SIZES, inputs)
                np.testing.assert_allclose(found, run(**inputs), 1e-11, 1e-13)


@pytest.mark.parametrize("name", ["max", "prod", "median", "indmax", "indmedian", "sorting"])
@pytest.mark.parametrize("entries", [(1.0, np.nan, 3.0), (2.0, 2.0, 1.0), (np.inf, -np.inf, 0.0)])
def test_special_entries(name: str, entries: tuple[float, ...], tmp_path: Path) -> None:
    record = next(each for each in ARRAYS if each.name == name)
    task = task_of(SampleCall(record, "x").node())
    inputs: dict[str, Array] = {"x": np.array(entries)}
    (found,) = called(built(tmp_path, name, source(task, Options())), task, {"n": 3}, inputs)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(found, compiler("numpy")(task, Options())(**inputs))
