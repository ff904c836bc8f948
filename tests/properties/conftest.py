"""Random questions as arguments of tests."""

from __future__ import annotations

import pytest

from tests.properties.cases import Case


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Case:
    """The one of a sequence of cases that a test is run for."""
    cases, place = request.param
    found: Case = cases[place]
    return found
