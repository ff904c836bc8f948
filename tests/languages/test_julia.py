"""Julia source: not run, as no Julia is at hand, but read by Julia's rules."""

from __future__ import annotations

import numpy as np
import pytest

import gradform as gf
from gradform.errors import CannotError
from gradform.execute.options import Options
from gradform.functions import all_functions
from tests.languages.identities import agree, cases, points, sources
from tests.languages.julia import evaluated

DOUBLE = Options()


def test_what_is_refused() -> None:
    found, refused = sources("julia", DOUBLE)
    assert len(found) + len(refused) == 430
    assert len(refused) <= 3
    assert {error.kind for error in refused.values()} == {"no_julia"}


def test_identities() -> None:
    for case in cases("julia", DOUBLE):
        for point in points(case):
            given: list[object] = [point.inputs[p.name] for p in case.task.parameters]
            given += [point.sizes[name] for name in case.task.sizes]
            with np.errstate(all="ignore"):
                results = evaluated(case.source, given)
            for result, wanted in zip(results, point.outputs, strict=True):
                agree(np.asarray(result), wanted, case.row.id)


def test_every_entrywise_function_has_a_form() -> None:
    elementwise = [record for record in all_functions() if record.elementwise]
    assert not [record.name for record in elementwise if "julia" not in record.spell]


@pytest.mark.parametrize("code", ["x + 1", "exp(x)", "x ^ 2", "X + x", "1 / x", "x * x"])
def test_the_reader_refuses_what_julia_refuses(code: str) -> None:
    source = f"\nfunction f(x, X)\n    y = {code}\n    return y\nend\n"
    with pytest.raises(AssertionError):
        evaluated(source, [np.ones(2), np.ones((2, 2))])


def test_the_reader_knows_columns_and_rows() -> None:
    source = "\nfunction f(x, X)\n    y = X .* x .+ -x' * X .^ 2\n    return y\nend\n"
    x, X = np.array([1.0, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
    (found,) = evaluated(source, [x, X])
    np.testing.assert_array_equal(found, X * x[:, None] - (x @ X**2)[None, :])


@pytest.mark.parametrize("options", [{"batch": True}, {"dtype": "float32"}])
def test_options_that_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(CannotError):
        gf.derivative("x'*A*x", "x").source("julia", **options)  # type: ignore[arg-type]
