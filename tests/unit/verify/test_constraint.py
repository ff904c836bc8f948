"""The parameters of structured matrices."""

from __future__ import annotations

import numpy as np
import pytest

from gradform.errors import StructureError
from gradform.verify.constraint import parameters_of


@pytest.mark.parametrize(
    ("structure", "count"),
    [("symmetric", 6), ("diagonal", 3), ("toeplitz", 5), ("symmetric_toeplitz", 3)],
)
def test_number_of_parameters(structure: str, count: int) -> None:
    parameters = parameters_of(structure, 3)
    assert parameters.share.sum() == pytest.approx(count)
    entries = np.random.default_rng(0).standard_normal((3, 3))
    structured = parameters.structured(entries)
    assert len(set(structured.ravel()) - {0.0}) == count
    np.testing.assert_allclose(parameters.average @ structured.ravel(), structured.ravel())


def test_averages() -> None:
    averaged = parameters_of("diagonal", 2).average @ np.array([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(averaged, [1, 0, 0, 4])
    averaged = parameters_of("symmetric", 2).average @ np.array([1.0, 2.0, 4.0, 5.0])
    np.testing.assert_array_equal(averaged, [1, 3, 3, 5])


def test_other_structures() -> None:
    with pytest.raises(StructureError, match="orthogonal"):
        parameters_of("orthogonal", 3)
