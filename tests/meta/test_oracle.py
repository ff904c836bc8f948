"""The oracle is not blind: with a fault inside, it finds the answer wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from gradform.functions import all_functions
from tests.meta.faults import FAULTS, Fault, undo
from tests.oracle.asked import asked
from tests.oracle.backends import NumpyBackend
from tests.oracle.check import Status, check
from tests.oracle.functions import TABLE, Operation
from tests.oracle.generate import Question
from tests.support.samples import SIZES, SampleCall, argument_value, sample_calls

CALLS = [call for call in sample_calls() if call.record.name in TABLE]
WRONG_ANSWERS = [fault for fault in FAULTS if not fault.derivative_is_right]
each_fault = pytest.mark.parametrize("fault", WRONG_ANSWERS, ids=str)


@pytest.fixture(autouse=True)
def _sound_again(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "monkeypatch" in request.fixturenames:
        undo()


def _question(fault: Fault) -> Question:
    return asked(fault.expr, [fault.wrt] * fault.order, fault.shapes, fault.assume)


def _statuses(question: Question) -> set[Status]:
    """At the points of several seeds: a fault on one branch shows where the branch is taken."""
    return {check(replace(question, seed=seed)).status for seed in range(4)}


@each_fault
def test_finds_the_fault(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    question = _question(fault)
    fault.put_in(monkeypatch)
    assert _statuses(question) & {Status.WRONG, Status.CRASH}


@each_fault
def test_finds_nothing_without_the_fault(fault: Fault) -> None:
    assert _statuses(_question(fault)) == {Status.CORRECT}


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("tanh(x)'*x", lambda b, x: b.np.tanh(x) * (1 + 1e-6)),
        ("sum(sqrt(exp(x)))", lambda b, x: b.np.sqrt(x) * b.np.where(x > 1, 1.0, 1.001)),
    ],
)
def test_finds_differences_of_a_millionth(
    source: str, wrong: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were the oracle's function another one, the two would not agree."""
    question = asked(source, ["x"], {"x": ("n",)})
    assert _statuses(question) == {Status.CORRECT}
    name = "tanh" if "tanh" in source else "sqrt"
    monkeypatch.setitem(TABLE, name, wrong)
    assert Status.WRONG in _statuses(question)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_functions_of_the_table_are_those_of_the_records(call: SampleCall) -> None:
    """Both sides mean the same function."""
    given = []
    point = call.point()
    for word, kind in zip(call.words, call.kinds, strict=True):
        given.append(argument_value(word, kind, point))
    sized = {"shape": tuple(size.evaluate(SIZES) for size in call.shape())}
    facts = sized if call.record.sized else {}
    found = TABLE[call.record.name](NumpyBackend(), *given, **facts)
    np.testing.assert_allclose(found, call.reference(point), rtol=1e-9, atol=1e-9)


def test_most_functions_are_in_the_table() -> None:
    assert len({call.record.name for call in CALLS}) > 0.9 * len(all_functions())
