"""Every layout shows the same tensor, arranged as DESIGN.md's table says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import gradform as gf
from gradform.notation.layout import LAYOUTS
from tests.oracle.check import target_shape
from tests.oracle.layouts import displayed
from tests.properties.cases import Array, Case, Cases

CASES = Cases(60, first=400_000)


def _ask(case: Case, layout: str) -> gf.Derivative:
    asked = replace(case.question, layout=layout)
    wrt = asked.wrt[0] if len(asked.wrt) == 1 else list(asked.wrt)
    found = gf.derivative(
        asked.source,
        wrt,
        order=len(asked.wrt),
        shapes=asked.declared,
        assume=asked.assumed,
        layout=layout,
        check=False,
    )
    assert isinstance(found, gf.Derivative)
    return found


@CASES.each
def test_all_layouts_agree_with_the_tensor(case: Case) -> None:
    targets = [target_shape(case.question, text) for text in case.question.wrt]
    answers = [_ask(case, layout) for layout in LAYOUTS]
    first = np.asarray(answers[0].tensor(**case.arguments(answers[0])))
    for found in answers:
        tensor = np.asarray(found.tensor(**case.arguments(found)))
        assert _close(tensor, first)
        value = np.asarray(found(**case.arguments(found)))
        if value.ndim <= 2:
            shown = displayed(tensor, case.question.shape, targets, found.layout)
            assert value.size == shown.size
            assert value.shape in (shown.shape, shown.shape[:1], ())
            assert _close(value.reshape(shown.shape), shown)


def _close(found: Array, wanted: Array) -> bool:
    """Layouts only move entries, so one without a value has none in any of them."""
    scale = float(np.max(np.abs(wanted), initial=0, where=np.isfinite(wanted)))
    return np.allclose(found, wanted, rtol=0, atol=1e-7 * scale, equal_nan=True)


@CASES.each
def test_converting_is_asking_again(case: Case) -> None:
    for layout in LAYOUTS:
        converted = gf.to_layout(_ask(case, "ml"), layout)
        assert converted.text == _ask(case, layout).text
        assert converted.layout == layout
