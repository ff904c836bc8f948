"""Functions for the automatic differentiation of other libraries, with our derivative."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import chain, count
from typing import Any

from gradform.api.differentiable import Asked, Differentiable, Target
from gradform.derive.answer import Derivative
from gradform.derive.products import typed
from gradform.derive.tasks import Part, joint_task, value_part
from gradform.errors import InputError
from gradform.execute.options import Options
from gradform.execute.products import WithProducts
from gradform.language import say
from gradform.records import replaced
from gradform.syntax.declare import EQUATIONS, structures_of

__all__ = ["differentiable_function"]


def differentiable_function(
    expression: Differentiable,
    value: Part,
    wrt: Sequence[Target],
    library: str,
    *,
    dtype: str,
    check: bool,
) -> Callable[..., Any]:
    """The value with products of a cotangent and the Jacobian, for a library.

    wrt     variables that it can be differentiated by; none: all

    The library may differentiate the products again. So they hold around the point too: that
    A' = A or Q'Q = I at the point is not used in them.
    """
    names = _names(wrt) or tuple(value.variables)
    expression, value = _around(expression, value, names)
    taken = {*value.variables, *_size_names(value)}
    cotangent = next(name for name in _cotangents() if name not in taken)
    products = [expression.vjp(name, cotangent, check=check) for name in names]
    parts = [_labelled(product, name) for product, name in zip(products, names, strict=True)]
    joint = joint_task("products", parts, "The cotangent times the Jacobian.")
    whole = joint_task("value", [value, *parts])
    kept = tuple(each for each in whole.parameters if each.name != cotangent)
    tasks = WithProducts(
        replaced(joint_task("value", [value]), parameters=kept), joint, names, cotangent
    )
    module = import_module(f"gradform.execute.{library}_function")
    made: Callable[..., Any] = getattr(module, f"{library}_function")(tasks, Options(dtype=dtype))
    return made


def _around(
    expression: Differentiable, value: Part, names: Sequence[str]
) -> tuple[Differentiable, Part]:
    """The function without the equations that are assumed of variables; as it is where it takes
    such arguments only, as functions of eigenvalues do."""
    question = expression.question()
    assumed = structures_of(question.assume)
    free = {
        name: sorted(words - EQUATIONS) if name in names else sorted(words)
        for name, words in assumed.items()
    }
    if all(len(free[name]) == len(words) for name, words in assumed.items()):
        return expression, value
    question = replaced(question, assume={name: words for name, words in free.items() if words})
    try:
        return Asked(question), value_part(typed(question), expression.written)
    except InputError:
        return expression, value


def _names(wrt: Sequence[Target | Sequence[Target]]) -> tuple[str, ...]:
    """The names of variables, one by one or in lists."""
    each = chain.from_iterable(
        asked if isinstance(asked, list | tuple) else (asked,) for asked in wrt
    )
    names = tuple(map(_name, each))
    if len(set(names)) < len(names):
        raise InputError(say("A variable is named twice."), kind="wrt_undeclared")
    return names


def _name(target: Target) -> str:
    name = target if isinstance(target, str) else getattr(target, "written", None)
    if isinstance(name, str):
        return name
    raise InputError(
        say("{target} is no variable to differentiate by.", target=repr(target)),
        kind="wrt_undeclared",
        hint=say("give names of variables"),
    )


def _labelled(product: Derivative, name: str) -> Part:
    part = product.as_part()
    part.output = part.output._replace(label=f"by_{name}")
    return part


def _size_names(value: Part) -> set[str]:
    shapes = [variable.shape for variable in value.variables.values()]
    return {name for shape in shapes for axis in shape.axes for name in axis.names}


def _cotangents() -> chain[str]:
    return chain(["cotangent"], (f"cotangent{k}" for k in count(2)))
