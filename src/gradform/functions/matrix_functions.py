"""Primary matrix functions: exponential, logarithm and square root; Sylvester's equation.

The derivative of a primary function f is an application of f itself with order 1 and axes
(i, j, k, l), ∂f(X)_ij/∂X_kl; that of an application of order k has order k + 1. In the
input language ``dexpm(X, E)`` is the derivative at X in direction E, and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from gradform.errors import ShapeError
from gradform.functions import numeric
from gradform.functions.elementwise import HALF, exp, log
from gradform.functions.operators import diagonal_matrix, diagonal_of, identity
from gradform.functions.record import (
    Condition,
    Function,
    NetworkLaw,
    Typed,
    composite,
    lookup,
    primitive,
)
from gradform.functions.shapes import Shape, Unifier, describe, square
from gradform.functions.sources.c_arrays import EXPONENTIAL
from gradform.functions.sources.iterations import logarithm_source, square_root_source
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.laws import Network
from gradform.ir.nodes import Apply, Contraction, Node
from gradform.language import say


def derivative_along(f: Function, x: Expr, direction: Expr, order: int = 1) -> Expr:
    """Σ_kl D[…, k, l] E_kl with D the order-th Fréchet derivative of f at X."""
    tensor = build.apply(f, x.node, axes=x.node.axes * (1 + order), order=order)
    labels = tuple(range(tensor.rank))
    factors = [(tensor, labels, 1), (direction.node, labels[-2:], 1)]
    return Expr(build.contract(1, factors, labels[:-2]))


def _differential(args: tuple[Expr, ...], y: Expr, dargs: tuple[Expr, ...]) -> Expr:
    """Raises the order of the application Y by one (Higham, Functions of Matrices, 3.1)."""
    assert isinstance(y.node, Apply)
    return derivative_along(y.node.fn, args[0], dargs[0], y.node.order + 1)


def _direction_shape(unify: Unifier, name: str, args: Any) -> Shape:
    shape = square(unify, name, args[:1])
    direction: Shape = args[1]
    same = unify.same(shape.rows, direction.rows) and unify.same(shape.cols, direction.cols)
    if not same:
        raise ShapeError(
            say(
                "{name}: the matrix is {shape} and the direction {direction}; their shapes "
                "must agree.",
                name=name,
                shape=describe(shape),
                direction=describe(unify.shape(direction)),
            ),
            kind="dimension_mismatch",
        )
    return shape


def _trace_and_commuting(slope: Callable[[Expr], Expr]) -> NetworkLaw:
    """tr(L(X, E)) = tr(f'(X) E), and L(X, E) = E f'(X) when E commutes with X, which is
    known for E = I and for X = c·E (Higham, Functions of Matrices, 3.2)."""

    def law(network: Network, k: int) -> bool:
        node, labels, power = network.factors[k]
        assert isinstance(node, Apply)
        if node.order != 1 or power != 1:
            return False
        x = Expr(node.args[0])
        ends, inner = labels[:2], labels[2:]
        for pair, rest in ((ends, inner), (inner, ends)):
            if pair[0] == pair[1] and network.linked_once(pair[0]):
                network.replace({k}, [], (pair[0],))
                # the trace pairs f'(X)[l,k] with E[k,l]; along E = I it is f'(X)[i,j]
                network.absorb(slope(x).node, rest[::-1] if pair is ends else rest)
                return True
        for j, (other, places, power2) in enumerate(network.factors):
            if power2 != 1 or not _is_multiple(x.node, other, inner, places):
                continue
            if all(network.linked_once(label) for label in inner):
                network.replace({j, k}, [], inner)
                network.absorb((Expr(other) @ slope(x)).node, ends)
                return True
        return False

    return law


def _is_multiple(
    x: Node, matrix: Node, inner: tuple[Hashable, ...], places: tuple[Hashable, ...]
) -> bool:
    """Whether X[inner] = scalar · matrix[places]."""
    if x is matrix:
        return places == inner
    if not isinstance(x, Contraction):
        return False
    wide = [(factor, labels) for factor, labels, p in x.factors if labels and p == 1]
    if len(wide) != sum(bool(labels) for _, labels, _ in x.factors) or len(wide) != 1:
        return False
    factor, labels = wide[0]
    return factor is matrix and places == tuple(inner[k] for k in labels)


def _primary(name: str, of_scalar: Any, slope: Callable[[Expr], Expr], **facts: Any) -> Function:
    """The record of f, and of ``df(X, E)``, its derivative at X in direction E."""
    of_matrix = facts.pop("of_matrix")
    inverse = facts.pop("inverse", lambda: None)
    slope_of_matrix = facts.pop("slope_of_matrix")

    def rewrite(x: Node) -> Expr | None:
        """f(X') = f(X)', f(diag(v)) = diag(f(v)), f(f⁻¹(X)) = X"""
        upright, flipped = build.oriented(x)
        if flipped:
            return f(Expr(upright)).T
        v = diagonal_of(x)
        if v is not None:
            return diagonal_matrix(of_scalar(v))
        undone = isinstance(x, Apply) and x.fn is inverse() and x.order == 0
        return Expr(x.args[0]) if undone and isinstance(x, Apply) else None

    def along(x: Typed, e: Typed) -> Expr:
        if not x.node.rank:
            return slope(x.e) * e.e
        upright, flipped = build.oriented(x.node)
        if flipped:
            return derivative_along(f, Expr(upright), e.e.T).T
        return derivative_along(f, x.e, e.e)

    f = primitive(
        name,
        shape=square,
        axes=lambda x: x.axes,
        of_scalar=of_scalar,
        rewrite=rewrite,
        keeps_symmetry=True,
        primary=True,
        linear_map="d" + name,
        network_law=_trace_and_commuting(slope_of_matrix),
        of_transpose="same",
        differential=_differential,
        evaluate=of_matrix,
        **facts,
    )
    composite(
        "d" + name,
        parameters=("expr", "expr"),
        formula=f"the derivative of {name} at X in direction E (Higham, 3.1)",
        shape=_direction_shape,
        build=along,
        conditions=f.conditions,
        evaluate=lambda np, x, e: numeric.frechet(np, of_matrix, x, e),
        arguments=(f.arguments[0] + ", B", "c, a"),
    )
    return f


expm: Function = _primary(
    "expm",
    exp,
    exp,
    formula="Σ X^k/k!; its derivative is Fréchet's (Higham, Functions of Matrices, 10.2)",
    inverse=lambda: logm,
    slope_of_matrix=lambda x: expm(x),
    of_matrix=lambda np, x: numeric.linalg().expm(x),
    arguments=("A", "a", "S"),
    spell={
        "numpy": "linalg.expm({0})",
        "torch": "torch.linalg.matrix_exp({0})",
        "c": "exponential({rows}, {0}, {result})",
        "matlab": "expm({0})",
        "julia": "exp({0})",
    },
    helpers={"c": EXPONENTIAL},
    stacks={"numpy": "linalg.expm({0})"},
)


def _inverse(x: Expr) -> Expr:
    inv = lookup("inv")
    assert inv is not None
    return inv(x)


def _real(name: str, title: str) -> str:
    """A helper that calls SciPy's function, which goes over to complex numbers by itself."""
    return f"""\
def {name}(x):
    value = linalg.{name}(x)
    if np.max(np.abs(np.imag(value))) > 1e-10 * np.max(np.abs(value)):
        raise np.linalg.LinAlgError("a matrix has no real {title}")
    return np.real(value)
"""


NO_CUT = (Condition("no eigenvalue of {0} is real and <= 0"),)

logm: Function = _primary(
    "logm",
    log,
    lambda x: x**-1,
    formula="the principal logarithm; its derivative is Fréchet's (Higham, 11.8)",
    of_matrix=numeric.logarithm,
    conditions=NO_CUT,
    slope_of_matrix=lambda x: _inverse(x),
    arguments=("P", "c"),
    helpers={
        "numpy": _real("logm", "logarithm"),
        "jax": logarithm_source("jnp"),
        "torch": logarithm_source("torch"),
    },
)

sqrtm: Function = _primary(
    "sqrtm",
    lambda x: x**HALF,
    lambda x: x**-HALF / 2,
    formula="the principal square root R; R dR + dR R = dX (Higham, 6.1)",
    of_matrix=numeric.square_root,
    conditions=NO_CUT,
    slope_of_matrix=lambda x: _inverse(sqrtm(x)) / 2,
    arguments=("P", "c"),
    latex="{0}^{{1/2}}",
    helpers={
        "numpy": _real("sqrtm", "square root"),
        "jax": square_root_source("jnp"),
        "torch": square_root_source("torch"),
    },
)


def _sylvester_shape(unify: Unifier, name: str, args: Any) -> Shape:
    left, right = square(unify, name, args[:1]), square(unify, name, args[1:2])
    value: Shape = args[2]
    if not (unify.same(left.rows, value.rows) and unify.same(right.rows, value.cols)):
        raise ShapeError(
            say(
                "{name}: the matrices are {left} and {right} but the right-hand side is "
                "{value}; it needs the rows of the first and the columns of the second.",
                name=name,
                left=describe(unify.shape(left)),
                right=describe(unify.shape(right)),
                value=describe(unify.shape(value)),
            ),
            kind="dimension_mismatch",
        )
    return unify.shape(value)


def solution_map(a: Node, b: Node) -> Node:
    """S_ijkl with Y_ij = Σ S_ijkl C_kl where A Y + Y B = C."""
    return build.apply(sylvester, a, b, axes=(a.axes[0], b.axes[0]) * 2, order=1)


def _sylvester(a: Typed, b: Typed, c: Typed) -> Expr:
    """With a number for A or B, the system of the other shifted by it."""
    if not a.node.rank and not b.node.rank:
        return c.e / (a.e + b.e)
    if not a.node.rank:
        return c.e @ _inverse(b.e + a.e * identity(b.shape.rows))
    if not b.node.rank:
        return _inverse(a.e + b.e * identity(a.shape.rows)) @ c.e
    factors = [(solution_map(a.node, b.node), (0, 1, 2, 3), 1), (c.node, (2, 3), 1)]
    return Expr(build.contract(1, factors, (0, 1)))


def _sylvester_differential(args: tuple[Expr, ...], y: Expr, dargs: tuple[Expr, ...]) -> Expr:
    """A Y + Y B = C for fixed C gives A dY + dY B = -(dA Y + Y dB), so
    dS_ijkl = -Σ S_ijpq (dA_pr S_rqkl + S_prkl dB_rq)."""
    (da, db), s = dargs, y.node
    across = [(s, (0, 1, 4, 5), 1), (da.node, (4, 6), 1), (s, (6, 5, 2, 3), 1)]
    down = [(s, (0, 1, 4, 5), 1), (s, (4, 6, 2, 3), 1), (db.node, (6, 5), 1)]
    return Expr(build.add(*(build.contract(-1, part, (0, 1, 2, 3)) for part in (across, down))))


sylvester: Function = primitive(
    "sylvester",
    parameters=("expr", "expr", "expr"),
    formula="the Y with A Y + Y B = C; dY solves A dY + dY B = dC - dA Y - Y dB (Higham, 6.1)",
    shape=_sylvester_shape,
    build=_sylvester,
    linear_map="sylvester",
    differential=_sylvester_differential,
    conditions=(Condition("no eigenvalue of {0} is that of {1} with the other sign"),),
    evaluate=lambda np, a, b, c: numeric.sylvester(np, a, b, c),
    arguments=("P, Q, W", "A, c, x", "a, c, a"),
    spell={"numpy": "linalg.solve_sylvester({0}, {1}, {2})"},
    helpers={
        "jax": """\
def sylvester(a, b, c):
    '''x with a x + x b = c, as one linear system in the entries of x.'''
    left = jnp.kron(a, jnp.eye(len(b), dtype=a.dtype))
    right = jnp.kron(jnp.eye(len(a), dtype=a.dtype), b.T)
    return jnp.linalg.solve(left + right, c.reshape(-1)).reshape(c.shape)
""",
        "torch": """\
def sylvester(a, b, c):
    '''x with a x + x b = c, as one linear system in the entries of x.'''
    left = _kron(a, torch.eye(len(b), dtype=a.dtype, device=a.device))
    right = _kron(torch.eye(len(a), dtype=a.dtype, device=a.device), b.T)
    return torch.linalg.solve(left + right, c.reshape(-1)).reshape(c.shape)
""",
    },
)
