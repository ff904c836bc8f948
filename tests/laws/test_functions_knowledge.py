"""What records say beyond values and derivatives: definitions, curvature, monotonicity."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
from numpy.random import Generator, default_rng

import gradform as gf
from gradform.formula.tree import Call, Formula, Program, children
from gradform.functions import Function, all_functions, lookup
from gradform.functions.samples import SAMPLES
from gradform.functions.shapes import elementwise
from gradform.ir.dims import dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import symbol
from gradform.syntax.parser import parse_formula
from tests.support.ir_eval import Array, evaluate_node
from tests.support.samples import SIZES, SampleCall, draw, sample_calls

CALLS = list(sample_calls())


def is_entrywise(record: Function) -> bool:
    return record.elementwise or record.shape is elementwise


ENTRYWISE = [record for record in all_functions() if is_entrywise(record)]
DEFINED = [record for record in all_functions() if record.definition is not None]
each_defined = pytest.mark.parametrize("record", DEFINED, ids=lambda record: record.name)

# ---------------------------------------------------------------- definitions


@pytest.mark.parametrize("record", ENTRYWISE, ids=lambda record: record.name)
def test_entrywise_function_is_defined_or_elementary(record: Function) -> None:
    assert (record.definition is None) == record.elementary


def called(program: Program) -> set[str]:
    names: set[str] = set()
    pending: list[Formula] = [program.body]
    while pending:
        node = pending.pop()
        pending.extend(children(node))
        if isinstance(node, Call):
            names.add(node.name)
    return names


@pytest.mark.parametrize(
    "record", [r for r in ENTRYWISE if r.definition], ids=lambda record: record.name
)
def test_definition_uses_elementary_functions_only(record: Function) -> None:
    for name in called(parse_formula(str(record.definition))):
        found = lookup(name)
        assert found is not None
        assert found.elementary or name in ("max", "min")


@pytest.mark.parametrize(
    "call", [c for c in CALLS if c.record.definition and is_entrywise(c.record)], ids=str
)
def test_definition_of_entrywise_function_has_its_value(call: SampleCall) -> None:
    """At single numbers, moderate ones and, where any number is admissible, larger ones."""
    record, random = call.record, default_rng(5)
    letters = "xyz"[: len(record.parameters)]
    defined = gf.parse(str(record.definition), shapes=dict.fromkeys(letters, ()))
    assert record.evaluate is not None
    for scale in (1, 1, 1, 1, 0.2, 5, 12):
        numbers = [number(word, random, scale) for word in call.words]
        missing = len(letters) - len(numbers)
        numbers += [float(value) for value in record.defaults[-missing:] if missing]
        wanted = record.evaluate(np, *(np.array([[each]]) for each in numbers))
        found = defined(**dict(zip(letters, numbers, strict=True)))
        size = max(1.0, abs(float(wanted[0, 0])))
        np.testing.assert_allclose(found, wanted[0, 0], rtol=0, atol=1e-12 * size)


def number(word: str, random: Generator, scale: float) -> float:
    value = float(np.ravel(draw(word, random))[0])
    return value if SAMPLES[word].structure else scale * value


@pytest.mark.parametrize(
    "call", [c for c in CALLS if c.record.definition and not is_entrywise(c.record)], ids=str
)
def test_definition_has_the_value(call: SampleCall) -> None:
    text = str(call.record.definition)
    shapes: dict[str, list[str | int]] = {}
    structures: dict[str, str] = {}
    letters: dict[str, str] = {}
    for letter, word, kind in zip("xyz", call.words, call.kinds, strict=False):
        if kind == "expr":
            letters[letter] = word
            shapes[letter] = [SIZES.get(size, size) for size in SAMPLES[word].shape]
            if structure := SAMPLES[word].structure:
                structures[letter] = structure
        else:
            text = text.replace(letter, word)
    defined = gf.parse(text, shapes=shapes, assume=structures)
    for attempt in range(4):
        point = call.point(attempt)
        found = defined(**{letter: point[word] for letter, word in letters.items()})
        wanted = call.reference(point)[0, 0]
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


# ---------------------------------------------------------------- curvature and monotonicity

WITH_CURVATURE = [call for call in CALLS if call.record.curvature]
WITH_DIRECTION = [call for call in CALLS if any(call.record.monotone)]


def is_admissible(call: SampleCall) -> bool:
    """The sample arguments have the structures that the facts ask for."""
    wanted = call.record.convex_on or (None,) * len(call.words)
    pairs = zip(call.words, wanted, strict=False)
    return all(need is None or SAMPLES[word].structure == need for word, need in pairs)


def somewhere(call: SampleCall, random: Generator) -> dict[str, Array]:
    """A point with the structures the facts need, and else anywhere."""
    wanted = dict(zip(call.words, call.record.convex_on or (), strict=False))
    point = {}
    for name in call.names:
        value = draw(name, random)
        if wanted.get(name) is None and random.random() < 0.6:
            value = random.choice([0.3, 1, 4]) * random.normal(size=value.shape)
            if SAMPLES[name].structure in ("symmetric", "spd"):
                value = value + value.T
        point[name] = value
    return point


def test_facts_have_a_source_and_samples() -> None:
    for record in all_functions():
        stated = record.curvature or any(record.monotone)
        assert bool(record.known_from) == bool(stated)
        assert record.curvature in (None, "convex", "concave", "affine")
        assert set(record.monotone) <= {None, "increasing", "decreasing"}
        if stated:
            calls = [SampleCall(record, text) for text in record.arguments]
            assert any(map(is_admissible, calls))


@pytest.mark.parametrize("call", [c for c in WITH_CURVATURE if is_admissible(c)], ids=str)
def test_values_halfway_are_on_the_right_side_of_the_chord(call: SampleCall) -> None:
    random, strict = default_rng(3), count()
    for _ in range(60):
        first, last = somewhere(call, random), somewhere(call, random)
        middle = {name: (first[name] + last[name]) / 2 for name in first}
        chord = (call.reference(first) + call.reference(last)) / 2
        value, size = call.reference(middle), 1e-9 * (1 + np.nan_to_num(np.abs(chord), posinf=0))
        if call.record.curvature != "concave":
            assert (value <= chord + size).all()
        if call.record.curvature != "convex":
            assert (value >= chord - size).all()
        if np.isfinite(value).all() and (np.abs(value - chord) > 1e6 * size).any():
            next(strict)
    bent = call.record.curvature != "affine" and not is_linear_for(call)
    assert (next(strict) > 0) == bent


def is_linear_for(call: SampleCall) -> bool:
    """Of a single number, the largest, the smallest and the like are the number."""
    single = len(call.words) == 1 and not SAMPLES[call.words[0]].shape
    names = ("max", "min", "lambda_max", "lambda_min", "logsumexp", "geo_mean", "var", "std")
    return (single and call.record.name in names) or call.text in LINEAR.get(call.record.name, ())


LINEAR = {
    "logsumexp": ("a", "x, 2"),
    "sum_largest": ("x, 3",),
    "lambda_sum_largest": ("S, 3",),
    "var": ("x, 2",),
    "ind_simplex": ("s",),
}
"""Calls that are sums or copies of their entries, or 0 wherever they are finite here."""


@pytest.mark.parametrize("call", [c for c in WITH_DIRECTION if is_admissible(c)], ids=str)
def test_values_grow_or_fall_with_the_entries(call: SampleCall) -> None:
    random = default_rng(4)
    for _ in range(60):
        point = somewhere(call, random)
        value = call.reference(point)
        for k, word in enumerate(call.words):
            direction = call.record.monotone_in(k)
            if direction is None or word not in point:
                continue
            step = np.abs(random.normal(size=point[word].shape))
            after = call.reference(point | {word: point[word] + step})
            low, high = (value, after) if direction == "increasing" else (after, value)
            assert (low <= high + 1e-12).all()


# ---------------------------------------------------------------- forms that stay in range

MOVED = [
    (record, what)
    for record in all_functions()
    for what in ("logarithm", "complement", "from_factors")
    if getattr(record, what) is not None
]


@pytest.mark.parametrize(("record", "what"), MOVED, ids=lambda each: getattr(each, "name", each))
def test_other_forms_have_the_same_value(record: Function, what: str) -> None:
    """log f, 1 - f, and what is said to come from the factors of a matrix."""
    assert record.evaluate is not None
    if what == "from_factors":
        matrix = default_rng(1).normal(size=(3, 3))
        values = {
            "inverse": np.linalg.inv(matrix),
            "determinant": np.linalg.det(matrix),
            "logarithm": np.linalg.slogdet(matrix)[1],
        }
        found = record.evaluate(np, matrix)
        np.testing.assert_allclose(np.squeeze(found), values[str(record.from_factors)])
        return
    points = np.linspace(-5, 5, 21)
    value = record.evaluate(np, points)
    expected = np.log(value) if what == "logarithm" else 1 - value
    x = Expr(symbol("x", (dim("n"),)))
    other = getattr(record, what)(x).node
    np.testing.assert_allclose(evaluate_node(other, {"x": points}, {"n": 21}), expected, atol=1e-14)
