"""A run: the method chosen, steps taken until the gradient is short, the result made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from gradform.derive.pipeline import Question
from gradform.errors import CannotError, InputError
from gradform.language import say
from gradform.minimize.arrays import length_of, projected
from gradform.minimize.certificate import WIDER
from gradform.minimize.convexity import convexity_of
from gradform.minimize.falls import found_fall, negligible
from gradform.minimize.methods import METHODS
from gradform.minimize.methods.from_scipy import SCIPY, run_scipy
from gradform.minimize.methods.smoothing import FIRST, LAST, Smoothing
from gradform.minimize.methods.step import State
from gradform.minimize.options import Bounds, check_options, inside, limits_of
from gradform.minimize.problem import Problem
from gradform.minimize.progress import Progress
from gradform.minimize.result import Moment, Result, Settings
from gradform.minimize.scale import scale_of
from gradform.minimize.variables import Array
from gradform.records import replaced

__all__ = ["Callback", "minimize"]

Callback: TypeAlias = Callable[[dict[str, Array], float], Any]

# Systems with Hessians without structure are solved up to this size.
_SMALL = 500
# So many iterations without any gain are made before a run is given up.
_PATIENCE = 25
# Values and entries beyond this are taken for a way without end.
_ENDLESS = 1e30
# Where the value goes on falling, the gradient has to be so many times shorter.
_SHORTER = 100.0
# Kinks are told apart to a share of the entries, up to entries of this size.
_LONGEST = 100.0
# Without its structure the Hessian takes a product for each variable.
_FEW = 40


def minimize(
    question: Question,
    start: Mapping[str, Any],
    data: Mapping[str, Any],
    *,
    method: str = "auto",
    backend: str = "numpy",
    tolerance: float = 1e-8,
    max_iterations: int = 1000,
    bounds: Bounds | None = None,
    callback: Callback | None = None,
    progress: bool | None = None,
    check: bool = True,
) -> Result:
    """A minimum from a start; see :meth:`gradform.Expression.minimize`."""
    check_options(method, tolerance, max_iterations, callback)
    problem = Problem(question, start, data, backend=backend, check=check)
    limits = limits_of(problem.packing, bounds)
    chosen = _chosen(problem, method, limits is not None)
    x = inside(problem.flat_start(), limits)
    value, gradient = problem.checked(x, FIRST if chosen == "smoothing" else 0.0)
    state = State(x, value, gradient, max(1.0, length_of(gradient)), 0, {})
    settings = Settings(chosen, tolerance, limits)
    return _run(problem, settings, state, [], max_iterations, callback, progress)


def _resumed(
    result: Result,
    max_iterations: int = 1000,
    callback: Callback | None = None,
    progress: bool | None = None,
) -> Result:
    """The run of a result, gone on with from where it stopped."""
    check_options(result.method, result.settings.tolerance, max_iterations, callback)
    history = list(result.history)
    return _run(
        result.problem, result.settings, result.state, history, max_iterations, callback, progress
    )


# ---------------------------------------------------------------- the run


def _run(
    problem: Problem,
    settings: Settings,
    state: State,
    history: list[Moment],
    most: int,
    callback: Callback | None,
    progress: bool | None,
) -> Result:
    if not state.x.size:
        nothing = say("there are no entries to choose")
        return Result(problem, settings, state, "converged", nothing, history, _resumed)
    shown = Progress(progress, settings.method)
    latest = [state]

    def after(found: State) -> bool:
        latest[0] = found
        history.append(Moment(found.iterations, found.value, found.gradient_norm))
        shown.tell(found)
        return callback is not None and bool(callback(problem.packing.copies(found.x), found.value))

    own = settings.method not in SCIPY
    reason: str | None = None
    try:
        run = _own if own else _scipy
        status, reason = run(problem, settings, state, most, after)
        while status == "converged" and _rescaled(problem, settings, latest):
            left = most - (latest[0].iterations - state.iterations)
            status, reason = run(problem, settings, latest[0], left, after)
    except KeyboardInterrupt:
        status = "interrupted"
    shown.end(latest[0])
    found, near = latest[0], 0.0
    if settings.method == "smoothing":
        found = _lowest(problem, found)
        size = min(max(1.0, float(np.abs(found.x).max(initial=0.0))), _LONGEST)
        near = 100 * min(found.memory["smoothing"], LAST) * size
        for each in (near, WIDER * near) if status == "converged" else ():
            found = replaced(found, x=Smoothing(problem, found).settled(each))
    result = Result(problem, settings, found, status, reason, history, _resumed, near)
    # At the end of the path a rounded kink is too steep for gradients to get short.
    if settings.method == "smoothing" and status == "stalled" and result.certificate.is_stationary:
        result.status, result.message = "converged", say("0 is a subgradient")
    return result


def _lowest(problem: Problem, found: State) -> State:
    """The state, at the start of the problem where that is lower: of rounded kinks the values
    fall from step to step, not of f itself."""
    with np.errstate(all="ignore"):
        is_lower = problem.first_value < problem.value_and_formula(found.x)[0]
    return replaced(found, x=problem.flat_start()) if is_lower else found


def _rescaled(problem: Problem, settings: Settings, latest: list[State]) -> bool:
    """Whether the gradient is too long where the start was far, or the value goes on falling;
    the scale is then changed."""
    state = latest[0]
    length = length_of(projected(state.gradient, state.x, settings.bounds))
    scale = scale_of(problem, state.x, state.scale, length, settings.tolerance)
    if 0 < length <= settings.tolerance * scale and _falls_on(problem, settings, state):
        scale = length / (_SHORTER * settings.tolerance)
    latest[0] = replaced(state, scale=min(state.scale, scale))
    return length > settings.tolerance * scale


def _falls_on(problem: Problem, settings: Settings, state: State) -> bool:
    """Whether the value of a convex f is found to be lower where the gradient is short."""
    value = problem.value_and_formula(state.x)[0]
    fall = found_fall(problem, state.x, settings.bounds, settings.tolerance)
    if not fall > negligible(problem, state.x, value, settings.tolerance):
        return False
    return convexity_of(problem, state.x).label == "convex"


_After: TypeAlias = Callable[[State], bool]


def _own(
    problem: Problem, settings: Settings, state: State, most: int, after: _After
) -> tuple[str, str | None]:
    method = METHODS[settings.method](problem, state)
    last = state.iterations + most
    best, stuck = method.state, 0
    while not method.is_done(settings.tolerance):
        if method.state.iterations >= last:
            return "iteration limit", None
        before = method.state.iterations
        with np.errstate(all="ignore"):
            reason = method.step()
        if _falls_without_end(method.state):
            reason = say("the values fall without end, or the point moves away without end")
        if reason is not None:
            return "stalled", reason
        stuck = 0 if method.state.is_ahead_of(best) else stuck + 1
        if not stuck:
            best = method.state
        elif stuck > _PATIENCE:
            return "stalled", say("rounding keeps the value and the gradient from getting smaller")
        if method.state.iterations > before and after(method.state):
            return "stopped", None
    return "converged", None


def _falls_without_end(state: State) -> bool:
    """Whether a run has gone where no minimum is looked for."""
    with np.errstate(all="ignore"):
        return not (state.value > -_ENDLESS and np.abs(state.x).max(initial=0.0) < _ENDLESS)


def _scipy(
    problem: Problem, settings: Settings, state: State, most: int, after: _After
) -> tuple[str, str | None]:
    stopped = []
    outside = np.geterr()

    def told(found: State) -> bool:
        with np.errstate(**outside):
            if after(found):
                stopped.append(True)
        return bool(stopped)

    with np.errstate(all="ignore"):
        found, reason = run_scipy(
            problem,
            settings.method,
            state,
            tolerance=settings.tolerance,
            most=most,
            bounds=settings.bounds,
            after=told,
        )
    if stopped:
        return "stopped", None
    inside = length_of(projected(found.gradient, found.x, settings.bounds))
    if inside <= settings.tolerance * state.scale:
        return "converged", None
    if found.iterations - state.iterations >= most:
        return "iteration limit", None
    return "stalled", reason or say("the method ended before the gradient was short")


# ---------------------------------------------------------------- the method


def _chosen(problem: Problem, method: str, bounded: bool) -> str:
    """The method; for "auto" the one that fits the problem."""
    kinks = problem.formulas.kinks
    if bounded:
        if method not in ("auto", "l-bfgs-b"):
            raise InputError(
                say("The method {method} takes no bounds.", method=repr(method)),
                kind="option",
                hint=say('use "l-bfgs-b"'),
            )
        method = "l-bfgs-b"
    if kinks and method in ("smoothing", "auto"):
        return _for_kinks(problem)
    if kinks and bounded:
        raise _kinked(problem, say("bounds together with kinks are not offered"))
    if method != "auto":
        return method
    return "newton" if _is_solved_fast(problem) else "newton-cg"


def _for_kinks(problem: Problem) -> str:
    if not problem.formulas.is_smoothable:
        raise _kinked(problem, say("kinks of this kind are not rounded off"))
    return "smoothing"


def _kinked(problem: Problem, why: str) -> CannotError:
    return CannotError(
        say(
            "The function has no derivative where not {kink}: {why}.",
            kink=problem.formulas.kinks[0],
            why=why,
        ),
        kind="kink",
        hint=say(
            "write the kink with abs, relu, max or a norm, or give a method for smooth "
            'functions, such as "l-bfgs", which ends where the gradient vanishes'
        ),
    )


def _is_solved_fast(problem: Problem) -> bool:
    """Whether systems with the Hessian are cheap: a small one, or one with structure."""
    size = problem.packing.size
    if size <= (_SMALL if problem.keeps_structure else _FEW):
        return True
    stored = problem.stored(problem.flat_start())
    return stored is not None and stored < size * _SMALL
