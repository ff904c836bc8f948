"""Names, templates and generated code of the function records."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import Any

import numpy as np
import pytest

from gradform.formula.spelling import Spelling
from gradform.functions import Function, all_functions, lookup, numeric
from gradform.functions.samples import SAMPLES
from tests.support.samples import (
    SampleCall,
    close,
    each_primitive,
    each_record,
    shaped,
    table,
)

# ---------------------------------------------------------------- spellings


def test_spellings_are_unique() -> None:
    names = Counter(name for r in all_functions() for name in (r.name, *r.aliases))
    assert max(names.values()) == 1
    assert all(name.isidentifier() for name in names)


@each_record
def test_record_is_complete(record: Function) -> None:
    assert record.formula
    assert "\n" not in record.formula
    assert record.evaluate is not None
    assert record.arguments
    assert record.is_primitive or record.build is not None
    assert record.domain is None or record.domain == _structure_of_first_sample(record)
    assert all(parameter.endswith("?") for parameter in record.parameters[record.arity[0] :])
    assert record.repeats <= len(record.parameters)
    optional = sum(parameter in ("expr?", "int?") for parameter in record.parameters)
    assert len(record.defaults) == optional


def _structure_of_first_sample(record: Function) -> str | None:
    return SAMPLES[SampleCall(record, record.arguments[0]).names[0]].structure


@each_record
def test_templates_take_the_arguments(record: Function) -> None:
    for spelling in (record.latex, record.unicode):
        for template in spelling if isinstance(spelling, tuple) else (spelling,):
            if template is not None:
                assert record.accepts(Spelling.inferred(template).arity)


# ---------------------------------------------------------------- generated code


def compiled(record: Function) -> Any:
    """The function that generated code would call, on natural arrays."""
    space: dict[str, Any] = {"np": np, "special": numeric.special(), "linalg": numeric.linalg()}
    if "numpy" in record.helpers:
        assert "numpy" not in record.spell
        exec(record.helpers["numpy"], space)
        return space[record.name]
    assert "numpy" in record.spell
    names = ["first", "second", "third"][: len(record.parameters)]
    return eval(f"lambda {', '.join(names)}: {record.spell['numpy'].format(*names)}", space)


def natural_arguments(call: SampleCall) -> list[Any]:
    """Scalars as floats, vectors with one axis, as generated code holds them."""
    env = call.point()
    pairs = zip(call.words, call.kinds, strict=True)
    given = [env[word][()] if kind == "expr" else float(word) for word, kind in pairs]
    missing = len(call.record.parameters) - len(given)
    return given + [float(value) for value in call.record.defaults[-missing:] if missing]


@each_primitive
def test_generated_code_agrees_with_the_reference(record: Function) -> None:
    function = compiled(record)
    calls = [SampleCall(record, text) for text in record.arguments]
    applied = [call for call in calls if getattr(call.node(), "fn", None) is record]
    assert applied
    for call in applied:
        found = np.asarray(function(*natural_arguments(call)))
        close(found, shaped(call, call.reference(call.point())), 1e-12)


FAR: dict[str, list[float]] = {
    "sigmoid": [0, 1],
    "softplus": [0, 1000],
    "recip0": [-1e-3, 1e-3],
    "erfc": [2, 0],
}


@pytest.mark.parametrize("name", FAR)
def test_code_and_reference_do_not_overflow(name: str) -> None:
    record = lookup(name)
    assert record is not None
    assert record.evaluate is not None
    far = np.array([-1000.0, 1000.0])
    with np.errstate(over="raise", invalid="raise"):
        np.testing.assert_allclose(compiled(record)(far), FAR[name])
        np.testing.assert_allclose(record.evaluate(np, table(far)).ravel(), FAR[name])


def test_no_numpy_at_import() -> None:
    program = (
        "import sys, gradform.functions; "
        "sys.exit(any(name in sys.modules for name in ('numpy', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
