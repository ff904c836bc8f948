"""Functions of the order of entries: sorted, the k largest, the median.

Which entries are taken is a constant away from ties, so the derivative takes the same ones.
"""

from __future__ import annotations

from typing import Any

from gradform.errors import ShapeError
from gradform.functions import numeric
from gradform.functions.operators import inner
from gradform.functions.record import Condition, Function, Typed, composite, primitive
from gradform.functions.reductions import no_axes
from gradform.functions.shapes import Shape, Unifier, scalar_of_vector, vector_length
from gradform.functions.sources.c_arrays import MARK_MEDIAN, MARK_TOP, MEDIAN, SORTING, SUM_LARGEST
from gradform.ir import build
from gradform.ir.dims import Dim, dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node
from gradform.language import say


def _order(np: Any, x: Any) -> Any:
    return np.argsort(np.real(x).ravel(), kind="stable")


def _count(np: Any, k: Any, size: int) -> int:
    """k, which must not be more than there are."""
    count = int(np.ravel(np.real(k))[0])
    if count > size:
        raise ValueError(f"there are no {count} entries in a vector of {size}")
    return count


def check_count(name: str, k: int, length: Dim) -> None:
    """k of so many: ShapeError when there are not so many."""
    if k < 1 or (length.value is not None and k > length.value):
        raise ShapeError(
            say("{name}: {k} of {length} cannot be taken.", name=name, k=k, length=length),
            kind="index_out_of_range",
        )


def _count_of_vector(unify: Unifier, name: str, args: Any) -> Shape:
    shape = scalar_of_vector(unify, name, args)
    check_count(name, args[1], vector_length(unify, name, unify.shape(args[0])))
    return shape


def _vector_to_column(unify: Unifier, name: str, args: Any) -> Shape:
    shape: Shape = args[0]
    vector_length(unify, name, shape)
    return shape


def _marks_of_vector(unify: Unifier, name: str, args: Any) -> Shape:
    shape: Shape = args[0]
    check_count(name, args[1], vector_length(unify, name, shape))
    return shape


# ---------------------------------------------------------------- the k largest


def _largest(np: Any, x: Any, k: Any) -> Any:
    result = np.zeros_like(x)
    result.flat[_order(np, x)[x.size - _count(np, k, x.size) :]] = 1
    return result


TIE = Condition("the {1} largest entries of {0} are larger than the others", smooth=True)

indtop: Function = primitive(
    "indtop",
    parameters=("expr", "int"),
    takes_entries=True,
    formula="1 at the k largest entries, 0 elsewhere; its derivative is 0",
    shape=_marks_of_vector,
    axes=lambda x, k: x.axes,
    of_scalar=lambda x: Expr(build.constant(1)),
    differential=lambda args, y, dargs: y * 0,
    sign="nonnegative",
    conditions=(TIE,),
    evaluate=_largest,
    arguments=("x, 2", "x, 1", "x, 3"),
    spell={"c": "mark_top({size}, {0}, {1}, {result})"},
    helpers={
        "c": MARK_TOP,
        "numpy": """\
def indtop(x, k):
    if k > len(x):
        raise ValueError(f"there are no {int(k)} entries in a vector of {len(x)}")
    result = np.zeros(np.shape(x))
    result[np.argsort(x, kind="stable")[len(x) - int(k) :]] = 1.0
    return result
""",
        "jax": """\
def indtop(x, k):
    if k > len(x):
        raise ValueError(f"there are no {int(k)} entries in a vector of {len(x)}")
    ranks = jnp.argsort(jnp.argsort(x, stable=True))
    return (ranks >= len(x) - k).astype(x.dtype)
""",
        "torch": """\
def indtop(x, k):
    if k > len(x):
        raise ValueError(f"there are no {int(k)} entries in a vector of {len(x)}")
    ranks = torch.argsort(torch.argsort(x, stable=True))
    return (ranks >= len(x) - k).to(x.dtype)
""",
    },
)

sum_largest: Function = primitive(
    "sum_largest",
    parameters=("expr", "int"),
    takes_entries=True,
    formula="the sum of the k largest entries; its gradient is indtop(x, k) (Danskin 1967)",
    shape=_count_of_vector,
    axes=no_axes,
    of_scalar=lambda x: x,
    differential=lambda args, y, dargs: inner(indtop(*args), dargs[0]),
    conditions=(TIE,),
    evaluate=lambda np, x, k: numeric.scalar(np, np.sum(x * _largest(np, x, k))),
    arguments=("x, 2", "x, 1", "x, 3"),
    curvature="convex",
    monotone=("increasing", None),
    known_from="Boyd & Vandenberghe, Convex Optimization, 3.2.3",
    spell={"c": "sum_of_greatest({size}, {0}, {1}, {result})"},
    helpers={
        "c": SUM_LARGEST,
        "numpy": """\
def sum_largest(x, k):
    if k > len(x):
        raise ValueError(f"there are no {int(k)} entries in a vector of {len(x)}")
    return np.sum(np.sort(x)[len(x) - int(k) :])
""",
        "torch": """\
def sum_largest(x, k):
    if k > len(x):
        raise ValueError(f"there are no {int(k)} entries in a vector of {len(x)}")
    return torch.sum(torch.sort(x).values[len(x) - k :])
""",
    },
)

# ---------------------------------------------------------------- sorted


def _sorting(np: Any, x: Any) -> Any:
    return np.eye(x.size)[_order(np, x)]


DISTINCT = (Condition("the entries of {0} are distinct", smooth=True),)

sorting: Function = primitive(
    "sorting",
    formula="the permutation matrix P that sorts: P x ascends; its derivative is 0",
    shape=lambda unify, name, args: Shape(*[vector_length(unify, name, args[0])] * 2),
    axes=lambda x: x.axes * 2,
    of_scalar=lambda x: Expr(build.constant(1)),
    differential=lambda args, y, dargs: y * 0,
    sign="nonnegative",
    conditions=DISTINCT,
    evaluate=_sorting,
    arguments=("x", "a"),
    spell={"c": "sorting_matrix({size}, {0}, {result})"},
    helpers={
        "c": SORTING,
        "numpy": """\
def sorting(x):
    return np.eye(len(x))[np.argsort(x, kind="stable")]
""",
        "jax": """\
def sorting(x):
    return jnp.eye(len(x), dtype=x.dtype)[jnp.argsort(x, stable=True)]
""",
        "torch": """\
def sorting(x):
    return torch.eye(len(x), dtype=x.dtype, device=x.device)[torch.argsort(x, stable=True)]
""",
    },
)


def _ascending(x: Typed) -> Expr:
    return Expr(build.matmul(sorting(x.e).node, x.node)) if x.node.rank else x.e


sort: Function = composite(
    "sort",
    aliases=("sorted",),
    formula="the entries of a vector in ascending order: sorting(x) x",
    shape=_vector_to_column,
    build=_ascending,
    conditions=DISTINCT,
    evaluate=lambda np, x: np.reshape(x.ravel()[_order(np, x)], x.shape),
    arguments=("x", "a"),
)


def _top_shape(unify: Unifier, name: str, args: Any) -> Shape:
    length = vector_length(unify, name, unify.shape(args[0]))
    check_count(name, args[1], length)
    count = dim(args[1])
    return Shape(args[0].rows, count) if args[0].is_row else Shape(count, args[0].cols)


def _top(x: Typed, k: Typed) -> Node:
    if not x.node.rank:
        return x.node
    length = x.node.axes[0]
    number = build.constant_value(k.node)
    assert isinstance(number, int)
    count = dim(number)
    last = build.select(length, length - count, count)
    if number == 1:
        last = build.unit(length, length - 1)
    return build.matmul(last, sorting(x.e).node, x.node)


topk: Function = composite(
    "topk",
    parameters=("expr", "int"),
    takes_entries=True,
    formula="the k largest entries of a vector, in ascending order",
    shape=_top_shape,
    build=_top,
    conditions=DISTINCT,
    evaluate=lambda np, x, k: _last(np, x, _count(np, k, x.size)),
    arguments=("x, 2", "x, 1", "x, 3"),
)


def _last(np: Any, x: Any, k: int) -> Any:
    values = x.ravel()[_order(np, x)][x.size - k :]
    return values.reshape((1, k) if x.shape[0] == 1 and x.size > 1 else (k, 1))


# ---------------------------------------------------------------- median


def _middle(np: Any, x: Any) -> Any:
    result = np.zeros_like(x)
    order = _order(np, x)
    for place in ((x.size - 1) // 2, x.size // 2):
        result.flat[order[place]] += 1 / 2
    return result


indmedian: Function = primitive(
    "indmedian",
    formula="the weights of the entries in the median: 1, or 1/2 and 1/2; its derivative is 0",
    shape=_vector_to_column,
    axes=lambda x: x.axes,
    of_scalar=lambda x: Expr(build.constant(1)),
    differential=lambda args, y, dargs: y * 0,
    sign="nonnegative",
    conditions=DISTINCT,
    evaluate=_middle,
    arguments=("x", "a"),
    spell={"c": "mark_median({size}, {0}, {result})"},
    helpers={
        "c": MARK_MEDIAN,
        "numpy": """\
def indmedian(x):
    result = np.zeros(np.shape(x))
    order = np.argsort(x, kind="stable")
    for place in ((len(x) - 1) // 2, len(x) // 2):
        result[order[place]] += 0.5
    return result
""",
        "jax": """\
def indmedian(x):
    ranks = jnp.argsort(jnp.argsort(x, stable=True))
    middle = [ranks == (len(x) - 1) // 2, ranks == len(x) // 2]
    return (middle[0].astype(x.dtype) + middle[1].astype(x.dtype)) / 2
""",
        "torch": """\
def indmedian(x):
    ranks = torch.argsort(torch.argsort(x, stable=True))
    middle = [ranks == (len(x) - 1) // 2, ranks == len(x) // 2]
    return (middle[0].to(x.dtype) + middle[1].to(x.dtype)) / 2
""",
    },
)

median: Function = primitive(
    "median",
    formula="the entry in the middle, or the mean of the two there; its gradient is indmedian(x)",
    shape=scalar_of_vector,
    axes=no_axes,
    of_scalar=lambda x: x,
    differential=lambda args, y, dargs: inner(indmedian(args[0]), dargs[0]),
    conditions=DISTINCT,
    evaluate=lambda np, x: numeric.scalar(np, np.sum(x * _middle(np, x))),
    arguments=("x", "a"),
    monotone=("increasing",),
    known_from="an order statistic, or a mean of two",
    spell={
        "numpy": "np.median({0})",
        "c": "median_of({size}, {0}, {result})",
        "matlab": "median({0})",
    },
    stacks={"numpy": "np.median({0}, axis=1)"},
    helpers={
        "c": MEDIAN,
        "torch": """\
def median(x):
    ordered = torch.sort(x).values
    middle = (ordered[(len(x) - 1) // 2] + ordered[len(x) // 2]) / 2
    return torch.where(torch.isnan(x).any(), torch.nan, middle)
""",
    },
)
