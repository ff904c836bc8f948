"""Subdifferentials, one-sided derivatives and convexity.

What answers them takes exact arithmetic, which is loaded when it is first needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from gradform.api.expression import Expression

if TYPE_CHECKING:
    from gradform.nonsmooth.line.convexity_result import LineConvexity
    from gradform.nonsmooth.line.map_result import SubdifferentialMap
    from gradform.nonsmooth.line.result import LineSubdifferential
    from gradform.nonsmooth.questions import OneSided
    from gradform.nonsmooth.space.result import SpaceConvexity, SpaceSubdifferential

__all__ = ["convexity", "one_sided", "subdifferential"]

Function: TypeAlias = str | Expression


@overload
def subdifferential(
    expr: Function,
    wrt: str | Sequence[str] | None = None,
    at: None = None,
    domain: Any = None,
    params: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Sequence[Any]] | None = None,
    sense: str | None = None,
    assume: Mapping[str, Any] | None = None,
) -> SubdifferentialMap: ...
@overload
def subdifferential(
    expr: Function,
    wrt: str | Sequence[str] | None = None,
    *,
    at: Any,
    domain: Any = None,
    params: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Sequence[Any]] | None = None,
    sense: str | None = None,
    assume: Mapping[str, Any] | None = None,
) -> Any: ...
def subdifferential(
    expr: Function,
    wrt: str | Sequence[str] | None = None,
    at: Any = None,
    domain: Any = None,
    params: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Sequence[Any]] | None = None,
    sense: str | None = None,
    assume: Mapping[str, Any] | None = None,
) -> LineSubdifferential | SubdifferentialMap | SpaceSubdifferential:
    """∂f(x0) = {a : f(x) >= f(x0) + <a, x - x0> for all x of the domain}, as an exact set.

    For a concave function the inequality is turned round. Without a point the whole map of
    a function of one variable.

    wrt      the variable, or a list: their entries one after the other, matrices row by row
    at       the point: a number, an exact text such as "sqrt(2)", or a mapping {"x": "1/3"},
             with arrays for vectors and matrices
    domain   "[0, inf)", or a mapping {"x": "[0, inf)"}, for one variable that is a number; by
             default where f is defined. Otherwise add ind_box(x, 0, 1) and the like
    params   values of the other variables
    sense    "sub" or "super"; matters for affine functions only, which have both
    assume   {"X": "symmetric"}: the set among symmetric matrices

    A function that is neither convex nor concave has status REFUSED, with a counterexample
    and the Clarke set. InputError for a point outside the domain, or where f is undefined.
    Rockafellar, Convex Analysis, sections 23 and 24.
    """
    facts = {"wrt": wrt, "at": at, "domain": domain, "params": params}
    asked = _asked(expr, **facts, shapes=shapes, sense=sense, assume=assume)
    found: LineSubdifferential | SubdifferentialMap | SpaceSubdifferential = (
        _engine().subdifferential(asked)
    )
    return found


def one_sided(
    expr: Function,
    at: Any,
    wrt: str | None = None,
    domain: Any = None,
    params: Mapping[str, Any] | None = None,
) -> OneSided:
    """The left and right derivative lim (f(x0 ± t) - f(x0))/(±t), exact, -inf and inf included.

    None beyond an end of the domain. Arguments as for :func:`subdifferential`.
    """
    asked = _asked(expr, wrt=wrt, at=at, domain=domain, params=params)
    found: OneSided = _engine().one_sided(asked)
    return found


def convexity(
    expr: Function,
    wrt: str | Sequence[str] | None = None,
    domain: Any = None,
    params: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Sequence[Any]] | None = None,
    at: Any = None,
    assume: Mapping[str, Any] | None = None,
) -> LineConvexity | SpaceConvexity:
    """Whether a function is convex, concave, affine or neither, with the proof or witnesses.

    ``.label`` is "undecided" when neither a proof nor a counterexample was found.
    Arguments as for :func:`subdifferential`.
    """
    facts = {"wrt": wrt, "at": at, "domain": domain, "params": params}
    asked = _asked(expr, **facts, shapes=shapes, assume=assume)
    found: LineConvexity | SpaceConvexity = _engine().convexity(asked)
    return found


def _engine() -> Any:
    return import_module("gradform.nonsmooth.questions")


def _asked(expr: Function, **facts: Any) -> Any:
    source = expr if isinstance(expr, str) else str(expr)
    return _engine().Asked(source, **facts)
