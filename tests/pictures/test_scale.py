"""Axes have round numbers at every scale, and numbers are written as people write them."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradform.pictures.scale import number_text, tick_texts, ticks

_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def _read(text: str) -> float:
    """What a text of a number says."""
    plain = text.replace("−", "-").replace("·", "e", 1)
    if "10" in plain and any(mark in plain for mark in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"):
        head, _, power = plain.rpartition("10")
        factor = head.rstrip("e").replace("-", "-1") if head in ("-", "") else head.rstrip("e")
        return float(factor or 1) * 10.0 ** int(power.translate(_RAISED))
    return float(plain)


@given(
    st.floats(-1e9, 1e9),
    st.integers(-9, 9).map(lambda k: 10.0**k),
    st.floats(1.0, 10.0),
    st.integers(2, 10),
)
def test_ticks_are_round_increasing_and_inside(
    low: float, power: float, factor: float, count: int
) -> None:
    high = low + power * factor
    if high - low < 1e-6 * abs(low):
        return
    found = ticks(low, high, count)
    room = 1e-6 * (high - low)
    assert 1 <= len(found) <= 3 * count
    assert all(low - room <= value <= high + room for value in found)
    assert all(here < there for here, there in pairwise(found))
    if len(found) > 1:
        step = found[1] - found[0]
        mantissa = step / 10.0 ** math.floor(math.log10(step) + 1e-6)
        assert min(abs(mantissa - each) for each in (1, 2, 5, 10)) < 1e-2


def test_a_short_interval_between_two_steps_has_ticks() -> None:
    assert ticks(0.5, 4.54, 2) == [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize(
    ("low", "high", "texts", "power"),
    [
        (-1.2, 3.1, ["−1", "0", "1", "2", "3"], ""),
        (0.0, 0.07, ["0", "0.02", "0.04", "0.06"], ""),
        (-1e-9, 1e-9, ["−1.0", "−0.5", "0", "0.5", "1.0"], "×10⁻⁹"),
        (0.0, 3.1e9, ["0", "1", "2", "3"], "×10⁹"),
        (1e9, 1e9 + 4, ["1000000000", "1000000001", "1000000002", "1000000003", "1000000004"], ""),
        (2e9, 5e9, ["2", "3", "4", "5"], "×10⁹"),
    ],
)
def test_tick_texts(low: float, high: float, texts: list[str], power: str) -> None:
    assert tick_texts(ticks(low, high)) == (texts, power)


@given(st.floats(-1e9, 1e9), st.integers(-9, 9).map(lambda k: 10.0**k))
def test_tick_texts_tell_the_ticks_apart(low: float, span: float) -> None:
    if span < 1e-4 * abs(low):
        return
    texts, _ = tick_texts(ticks(low, low + span))
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-0.25, "−0.25"),
        (1e5, "10⁵"),
        (-1e-7, "−10⁻⁷"),
        (3e-9, "3·10⁻⁹"),
        (12345.678, "12350"),
        (99999.9, "10⁵"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "?"),
        (2.5e300, "2.5·10³⁰⁰"),
    ],
)
def test_number_text(value: float, text: str) -> None:
    assert number_text(value) == text


@given(st.floats(-1e12, 1e12).filter(lambda v: not v or abs(v) > 1e-12))
def test_number_text_says_the_number(value: float) -> None:
    assert _read(number_text(value)) == pytest.approx(value, rel=6e-4)
