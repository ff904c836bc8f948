"""Whatever is spoilt inside, a wrong answer is refused and never shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gradform as gf
from gradform.ir import nodes
from gradform.ir.structure import noted_symmetric
from tests.meta.faults import FAULTS, Fault, forget, undo

each_fault = pytest.mark.parametrize("fault", FAULTS, ids=str)


@pytest.fixture(autouse=True)
def _sound_again(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "monkeypatch" in request.fixturenames:
        undo()


def _ask(fault: Fault) -> gf.Derivative:
    found = gf.derivative(
        fault.expr, fault.wrt, shapes=fault.shapes, assume=fault.assume, order=fault.order
    )
    assert isinstance(found, gf.Derivative)
    return found


@each_fault
def test_the_fault_is_caught(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    fault.put_in(monkeypatch)
    with pytest.raises(gf.UnconfirmedError):
        _ask(fault)


@each_fault
def test_without_the_fault_there_is_an_answer(fault: Fault) -> None:
    found = _ask(fault)
    assert found.certificate
    assert {"code", "formula"} <= set(found.certificate.checked)


def test_after_faults_all_is_known_again() -> None:
    """Expressions that outlived the faults lose none of the facts they were built with."""
    kept = gf.derivative("logdet(W*W'+diag(d))", "d", shapes={"W": ("n", "k"), "d": ("n",)})
    found = [node for node in nodes.known() if noted_symmetric(node)]
    forget()
    assert kept.text == "diag(inv(W*W' + diag(d)))"
    assert found == [node for node in found if noted_symmetric(node)]
    assert any(isinstance(node, nodes.Apply) for node in found)
