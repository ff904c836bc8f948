"""One question against JAX: correct, wrong, cannot, crash — or of no use as a question."""

from __future__ import annotations

import re
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from gradform.derive.answer import Derivative
from gradform.derive.answer import answer as ask
from gradform.derive.pipeline import Question as Asked
from gradform.errors import GradformError
from gradform.functions import Shape
from gradform.functions.shapes import SCALAR
from gradform.ir.nodes import Node
from gradform.syntax.elaborate import elaborate
from gradform.syntax.parser import parse_formula
from tests.oracle.generate import Question
from tests.oracle.jax_eval import derivative, evaluate, is_good_point
from tests.oracle.layouts import displayed
from tests.oracle.points import Array, Point, attempts
from tests.support.ir_eval import evaluate_node

__all__ = ["TOLERANCE", "Status", "Verdict", "check", "point_of", "target_name", "target_shape"]

TOLERANCE = 1e-8
_MOST_ENTRIES = 40_000
_SECONDS = 30
_POINTS = 2
_FLOOR = 1e-12


class Status(StrEnum):
    CORRECT = "correct"
    WRONG = "wrong"
    CANNOT = "cannot"
    CRASH = "crash"
    NO_POINT = "no point"  # never finite, smooth and well-conditioned where we looked
    TOO_LARGE = "too large"  # more entries than are worth comparing
    ILL = "ill-conditioned"  # rounding alone moves the derivative


@dataclass(frozen=True)
class Verdict:
    """What came out: ``kind`` groups equal failures, ``seconds`` of processor time it took
    gradform to answer."""

    status: Status
    kind: str = ""
    detail: str = ""
    formula: str | None = None
    seconds: float = 0.0


def check(question: Question, *, certificate: bool = False) -> Verdict:
    """Ask gradform and JAX at random admissible points and compare.

    Compared are the tensor, the displayed formula, read back from its text, and the
    generated code; with ``certificate`` gradform's own check is made as well.
    """
    begin = time.process_time()
    try:
        with _time_limit(_SECONDS):
            answer = _answer(question)
            text = None if answer._solution.formula is None else answer.text
    except GradformError as error:
        return _refused(question, error)
    except Exception as error:
        return _crash(error)
    seconds = time.process_time() - begin
    verdict = replace(_judged(question, answer, text), seconds=seconds)
    if certificate and verdict.status is Status.CORRECT:
        return _certified(answer, verdict)
    return verdict


def _certified(answer: Derivative, verdict: Verdict) -> Verdict:
    """A right answer that gradform itself does not confirm is not given."""
    try:
        with _time_limit(_SECONDS):
            assert answer.certificate
    except GradformError as error:
        return replace(
            verdict, status=Status.CANNOT, kind=f"certificate: {error.kind}", detail=error.message
        )
    except Exception as error:
        return _crash(error)
    return verdict


def _judged(question: Question, answer: Derivative, text: str | None) -> Verdict:
    rng = np.random.default_rng(question.seed)
    try:
        with _time_limit(4 * _SECONDS):
            return _compared(question, answer, text, rng)
    except _Mismatch as mismatch:
        return Verdict(Status.WRONG, mismatch.where, str(mismatch), text)
    except GradformError as error:
        return Verdict(Status.CRASH, f"evaluating: {error.kind}", str(error), text)
    except Exception as error:
        return _crash(error)


Form: TypeAlias = Callable[[Mapping[str, int], Mapping[str, Array]], Array]


class _Mismatch(Exception):
    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.where = where


class _Overflow(_Mismatch):
    """Not finite where the derivative is: wrong only when it is so at every point."""


@contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    """A question that takes this long counts as a crash."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"no answer within {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _crash(error: Exception) -> Verdict:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "gradform/" in f.filename]
    place = f"{frames[-1].filename.rpartition('gradform/')[2]}:{frames[-1].name}" if frames else "?"
    return Verdict(Status.CRASH, f"{type(error).__name__} in {place}", str(error)[:300])


def _refused(question: Question, error: GradformError) -> Verdict:
    """A refusal counts when the question has an answer at some point."""
    rng = np.random.default_rng(question.seed)
    if point_of(question, rng) is None:
        return Verdict(Status.NO_POINT)
    return Verdict(Status.CANNOT, error.kind, error.message)


def _answer(question: Question) -> Derivative:
    asked = Asked(
        question.source, question.wrt, question.declared, question.layout, question.assumed
    )
    return ask(asked, check=False)


# ---------------------------------------------------------------- the point


def point_of(question: Question, rng: np.random.Generator) -> Point | None:
    names = [target_name(text) for text in question.wrt]
    for sizes, env in attempts(question.variables, rng):
        if not all(_is_there(text, env) for text in question.wrt):
            continue
        extents = _extents(question, sizes)
        try:
            if not is_good_point(question.program, env, sizes, extents, names):
                continue
            with np.errstate(all="ignore"):
                value = evaluate(question.program, env, sizes, extents)
        except (ValueError, IndexError):  # shapes that fit only at other sizes
            continue
        if value.shape == tuple(size.evaluate(sizes) for size in question.shape):
            return sizes, env
    return None


def _is_there(text: str, env: Mapping[str, Array]) -> bool:
    """Whether an element such as X(2, 2) exists at these sizes."""
    array = env.get(target_name(text))
    if array is None or "(" not in text:
        return True
    places = [int(place) for place in re.findall(r"\d+", text[text.index("(") :])]
    extent = array.shape if len(places) > 1 else (array.size,)
    return all(place <= size for place, size in zip(places, extent, strict=True))


def _extents(question: Question, sizes: Mapping[str, int]) -> dict[int, tuple[int, int]]:
    return {
        key: (shape.rows.evaluate(sizes), shape.cols.evaluate(sizes))
        for key, shape in question.sized.items()
    }


def target_name(text: str) -> str:
    found = re.match(r"\w+", text)
    assert found is not None
    return found[0]


def target_shape(question: Question, text: str) -> Shape:
    shape = question.variables[target_name(text)].shape
    if "(" in text:
        return SCALAR
    return Shape(shape.cols, shape.rows) if text.endswith("'") else shape


# ---------------------------------------------------------------- the comparison


def _compared(
    question: Question, answer: Derivative, text: str | None, rng: np.random.Generator
) -> Verdict:
    targets = [target_shape(question, each) for each in question.wrt]
    _agree_on_axes(question, answer._solution.neutral, targets)
    forms = _forms(question, answer, text)
    agreed = 0
    overflow: _Overflow | None = None
    for _ in range(_POINTS + 3):
        point = point_of(question, rng)
        if point is None:
            return Verdict(Status.NO_POINT)
        if _entries(question, point[0]) > _MOST_ENTRIES:
            return Verdict(Status.TOO_LARGE)
        try:
            agreed += _at_point(question, forms, targets, point, rng)
        except _Overflow as error:
            overflow = error
        if agreed == _POINTS:
            return Verdict(Status.CORRECT, formula=text)
    if overflow is not None and not agreed:
        raise overflow
    return Verdict(Status.ILL)


def _agree_on_axes(question: Question, neutral: Node, targets: Sequence[Shape]) -> None:
    wanted = question.shape.axes + tuple(axis for shape in targets for axis in shape.axes)
    if neutral.axes != wanted:
        raise _Mismatch("axes", f"axes {neutral.axes} instead of {wanted}")


def _entries(question: Question, sizes: Mapping[str, int]) -> int:
    total = 1
    shapes = [question.variables[target_name(text)].shape for text in question.wrt]
    for shape in (question.shape, *shapes):
        total *= shape.rows.evaluate(sizes) * shape.cols.evaluate(sizes)
    return total


def _at_point(
    question: Question,
    forms: Mapping[str, Form],
    targets: Sequence[Shape],
    point: Point,
    rng: np.random.Generator,
) -> bool:
    """True when all forms agree; False when rounding or the oracle leaves it open."""
    sizes, env = point
    wanted = _oracle(question, sizes, env)
    extents = _extents(question, sizes)
    with np.errstate(all="ignore"):
        size = float(np.max(np.abs(evaluate(question.program, env, sizes, extents))))
    if not np.isfinite(wanted).all():
        return False
    shown = displayed(wanted, question.shape, targets, question.layout)
    for where, form in forms.items():
        target = shown if where == "displayed" else wanted
        found = form(sizes, env)
        if found.shape != target.shape:
            raise _Mismatch(where, f"shape {found.shape} instead of {target.shape}")
        error, scale = _error(found, target)
        if error <= TOLERANCE * scale:
            continue
        if error <= _FLOOR * max(1.0, size):
            if scale <= _FLOOR * max(1.0, size):
                continue  # a derivative that is zero but for rounding
            if scale <= 1e-4 * max(1.0, size):
                return False  # a saturated function
        if not np.isfinite(found).all():
            if where == "code":
                raise _Overflow(where, _report(found, target, error, 0.0))
            return False  # a formula need not be safe from overflow
        noise = _rounding(question, sizes, env, form, rng)
        if error <= 100 * noise:
            if error <= TOLERANCE * max(scale, 1e-4):
                continue  # a derivative that is zero but for rounding
            return False
        raise _Mismatch(where, _report(found, target, error / max(scale, 1e-300), noise))
    return True


def _error(found: Array, wanted: Array) -> tuple[float, float]:
    if not wanted.size:
        return 0.0, 0.0
    with np.errstate(all="ignore"):
        error = float(np.max(np.abs(found - wanted)))
    return (error if np.isfinite(error) else float("inf")), float(np.max(np.abs(wanted)))


def _report(found: Array, wanted: Array, error: float, noise: float) -> str:
    def short(array: Array) -> str:
        return np.array2string(array.ravel()[:8], precision=5)

    return f"relative error {error:.2g} (noise {noise:.1g}): {short(found)} for {short(wanted)}"


def _oracle(question: Question, sizes: Mapping[str, int], env: Mapping[str, Array]) -> Array:
    """JAX's derivative as the neutral tensor."""
    names = [target_name(text) for text in question.wrt]
    extents = _extents(question, sizes)
    full = derivative(question.program, env, sizes, extents, names)
    index: list[Any] = [0 if size.value == 1 else slice(None) for size in question.shape]
    for text in question.wrt:
        shape = question.variables[target_name(text)].shape
        index += [0 if size.value == 1 else slice(None) for size in shape]
        if "(" in text:
            places = [int(place) - 1 for place in re.findall(r"\d+", text[text.index("(") :])]
            index[-2:] = [0 if size.value == 1 else places.pop(0) for size in shape]
    return _turned(question, full[tuple(index)])


def _turned(question: Question, tensor: Array) -> Array:
    """The axes of a transposed matrix X' in their order."""
    first = len(question.shape.axes)
    for text in question.wrt:
        axes = () if "(" in text else question.variables[target_name(text)].shape.axes
        if text.endswith("'") and len(axes) == 2:
            tensor = np.swapaxes(tensor, first, first + 1)
        first += len(axes)
    return tensor


def _forms(question: Question, answer: Derivative, text: str | None) -> dict[str, Form]:
    """The neutral tensor, the generated code and, read from its text, the displayed formula."""
    forms: dict[str, Form] = {
        "neutral": _tensor_form(question, answer._solution.neutral),
        "code": _code_form(question, answer),
    }
    if text is not None:
        forms["displayed"] = _text_form(question, text)
    return forms


def _tensor_form(question: Question, node: Node) -> Form:
    axes = {name: each.shape.axes for name, each in question.variables.items()}

    def neutral(sizes: Mapping[str, int], env: Mapping[str, Array]) -> Array:
        natural = {
            name: array.reshape([axis.evaluate(sizes) for axis in axes[name]])
            for name, array in env.items()
        }
        with np.errstate(all="ignore"):
            return evaluate_node(node, natural, sizes)

    return neutral


def _code_form(question: Question, answer: Derivative) -> Form:
    columns = {name for name, each in question.variables.items() if each.shape.cols.value == 1}
    scalars = {name for name, each in question.variables.items() if each.shape.is_scalar}

    def code(sizes: Mapping[str, int], env: Mapping[str, Array]) -> Array:
        natural = {
            name: array.reshape(() if name in scalars else -1 if name in columns else array.shape)
            for name, array in env.items()
        }
        hidden = {name: sizes[name] for name in answer._code.sizes}
        with np.errstate(all="ignore"):
            return np.asarray(answer.tensor(**natural, **hidden))

    return code


def _text_form(question: Question, text: str) -> Form:
    program = parse_formula(text)
    read = elaborate(program, declared=question.declared, assume=question.assumed)

    def shown(sizes: Mapping[str, int], env: Mapping[str, Array]) -> Array:
        extents = {
            key: (shape.rows.evaluate(sizes), shape.cols.evaluate(sizes))
            for key, shape in read.shapes.items()
        }
        with np.errstate(all="ignore"):
            return np.asarray(evaluate(program, env, sizes, extents))

    return shown


def _rounding(
    question: Question,
    sizes: Mapping[str, int],
    env: Mapping[str, Array],
    form: Form,
    rng: np.random.Generator,
) -> float:
    """How large rounding errors are on either side, from what small steps do to the values.

    Steps of 1e-13 move them by the condition, and the second difference of steps of 1e-9 is
    nothing but rounding.
    """
    noise = 0.0
    for side in (form, partial(_oracle, question)):
        base = side(sizes, env)
        for _ in range(3):
            step = {name: array * rng.standard_normal(array.shape) for name, array in env.items()}
            noise = max(noise, _error(side(sizes, _moved(env, step, 1e-13)), base)[0])
            ahead = side(sizes, _moved(env, step, 1e-9))
            behind = side(sizes, _moved(env, step, -1e-9))
            noise = max(noise, _error((ahead + behind) / 2, base)[0])
    return noise


def _moved(env: Mapping[str, Array], step: Mapping[str, Array], length: float) -> dict[str, Array]:
    return {name: array + length * step[name] for name, array in env.items()}
