"""Products, inverses and determinants of matrices."""

from __future__ import annotations

from typing import Any

from gradform.errors import ShapeError
from gradform.functions import numeric
from gradform.functions.elementwise import exp, log
from gradform.functions.kinked import abs_
from gradform.functions.matrix_functions import expm
from gradform.functions.operators import diagonal_matrix, diagonal_of, identity, split_scalar, trace
from gradform.functions.record import Condition, Function, Typed, composite, primitive
from gradform.functions.reductions import no_axes, prod
from gradform.functions.shapes import (
    Shape,
    Unifier,
    describe,
    scalar_of_square,
    square,
)
from gradform.functions.sources import julia, matlab
from gradform.functions.sources.c_arrays import DETERMINANT, INVERSE, LOG_DETERMINANT
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.laws import Network
from gradform.ir.nodes import Apply, Node
from gradform.language import say

# Singular values below this share of the largest are rounding, and count as 0; in single
# precision those below 64 units of rounding.
SMALLEST = 1e-12
_NUMPY_PINV = "np.linalg.pinv({0}, rcond=max(1e-12, 64 * np.finfo({0}.dtype).eps))"

REGULAR = (Condition("det({0}) != 0"),)


def argument_of(fn: Any, node: Node) -> Expr | None:
    """X when the node is fn(X)."""
    return Expr(node.args[0]) if isinstance(node, Apply) and node.fn is fn else None


def same_axes(x: Node) -> tuple[Any, ...]:
    return x.axes


def _inverse_of(x: Node) -> Expr | None:
    """(X')⁻¹ = (X⁻¹)', (cX)⁻¹ = X⁻¹/c, (X⁻¹)⁻¹ = X, diag(v)⁻¹ = diag(1/v)"""
    number, core = split_scalar(x)
    core, flipped, sign = build.upright(core)
    if core is not x:
        inverse = inv(Expr(core))
        return (inverse.T if flipped else inverse) / (number * sign)
    v = diagonal_of(x)
    return argument_of(inv, x) if v is None else diagonal_matrix(v**-1)


def _cancel(network: Network, k: int) -> bool:
    """Σ_j inv(X)[i,j] X[j,k] = δ_ik = Σ_j X[i,j] inv(X)[j,k]"""
    node, labels, power = network.factors[k]
    assert isinstance(node, Apply)  # the inverse of something
    inner = node.args[0]
    if power != 1:
        return False
    for j, (other, labels2, power2) in enumerate(network.factors):
        if j == k or other is not inner or power2 != 1:
            continue
        pairs = [(1, 0), (0, 1)] + ([(0, 0), (1, 1)] if build.is_symmetric(inner) else [])
        for a, b in pairs:
            link = labels[a]
            if link == labels2[b] and link != labels[1 - a] and network.linked_once(link):
                ends = (labels[1 - a], labels2[1 - b])
                network.replace({j, k}, [(build.delta(node.axes[0]), ends, 1)], (link,))
                return True
    return False


# X Y = I gives dX Y + X dY = 0 (Magnus & Neudecker, 8.4).
inv: Function = primitive(
    "inv",
    formula="X⁻¹; d inv = -X⁻¹ dX X⁻¹ (Magnus & Neudecker, 8.4)",
    shape=square,
    axes=same_axes,
    of_scalar=lambda x: x**-1,
    rewrite=_inverse_of,
    network_law=_cancel,
    of_transpose="same",
    keeps_symmetry=True,
    keeps_definite=True,
    from_factors="inverse",
    differential=lambda args, y, dargs: -(y @ dargs[0] @ y),
    conditions=REGULAR,
    evaluate=lambda np, x: np.linalg.inv(x),
    arguments=("A", "a", "P"),
    spell={
        "numpy": "np.linalg.inv({0})",
        "c": "inverse({rows}, {0}, {result}, {work})",
        "matlab": "inverse({0})",
        "julia": "inv({0})",
    },
    helpers={"matlab": matlab.INVERSE, "c": INVERSE},
    stacks={"numpy": "np.linalg.inv({0})"},
)


def _projections(x: Expr, y: Expr) -> tuple[Expr, Expr]:
    rows, cols = x.node.axes
    return identity(rows) - x @ y, identity(cols) - y @ x


def _pinv_differential(args: tuple[Expr, ...], y: Expr, dargs: tuple[Expr, ...]) -> Expr:
    """Golub & Pereyra (1973), eq. 4.12, for constant rank."""
    (x,), (dx,) = args, dargs
    left, right = _projections(x, y)
    return -(y @ dx @ y) + y @ y.T @ dx.T @ left + right @ dx.T @ y.T @ y


def _pseudoinverse_of(x: Node) -> Expr | None:
    """(X')⁺ = (X⁺)', (cX)⁺ = X⁺/c for numbers c, (X⁺)⁺ = X"""
    number, core = split_scalar(x)
    if build.constant_value(number.node) is None:
        number, core = Expr(build.constant(1)), x
    core, flipped, sign = build.upright(core)
    if core is not x:
        inverse = pinv(Expr(core))
        return (inverse.T if flipped else inverse) / (number * sign)
    return argument_of(pinv, x)


def _pseudoinverse(x: Typed) -> Expr:
    """Of a vector, x'/(x'x)."""
    return x.e / (x.e**2).sum() if x.shape.is_vector else pinv(x.e)


pinv: Function = primitive(
    "pinv",
    formula="X⁺ (Moore-Penrose); its differential where the rank is constant is Golub & "
    "Pereyra's (1973, eq. 4.12)",
    shape=lambda unify, name, args: Shape(args[0].cols, args[0].rows),
    build=_pseudoinverse,
    axes=lambda x: x.axes[::-1],
    of_scalar=lambda x: x if build.is_zero(x.node) else x**-1,
    rewrite=_pseudoinverse_of,
    of_transpose="same",
    keeps_symmetry=True,
    differential=_pinv_differential,
    conditions=(Condition("the rank of {0} is constant nearby"),),
    evaluate=lambda np, x: np.linalg.pinv(x, rcond=SMALLEST),
    analytic=False,
    arguments=("X", "W", "x", "a"),
    latex="{0}^{{+}}",
    unicode="{0}⁺",
    spell={
        "numpy": _NUMPY_PINV,
        "jax": "jnp.linalg.pinv({0}, max(1e-12, 64 * float(jnp.finfo({0}.dtype).eps)))",
        "torch": "torch.linalg.pinv({0}, rtol=max(1e-12, 64 * torch.finfo({0}.dtype).eps))",
        "matlab": "pseudo_inverse({0})",
        "julia": "pseudo_inverse({0})",
    },
    helpers={"julia": julia.PSEUDO_INVERSE, "matlab": matlab.PSEUDO_INVERSE},
    stacks={"numpy": _NUMPY_PINV},
)


def _determinant_of(x: Node) -> Expr | None:
    """det(X') = det(X), det(X⁻¹) = 1/det(X), det(diag(v)) = Π v, det(eᴬ) = e^tr(A)"""
    upright, flipped = build.oriented(x)
    if flipped:
        return det(Expr(upright))
    inverted, exponent, v = argument_of(inv, x), argument_of(expm, x), diagonal_of(x)
    if inverted is not None:
        return det(inverted) ** -1
    if exponent is not None:
        return exp(trace(exponent))
    return None if v is None else prod(v)


# Jacobi's formula: d det(X) = tr(adj(X) dX) (Magnus & Neudecker, 8.3).
det: Function = primitive(
    "det",
    formula="determinant; d det = det(X) tr(X⁻¹ dX) (Magnus & Neudecker, 8.3)",
    shape=scalar_of_square,
    axes=no_axes,
    of_scalar=lambda x: x,
    rewrite=_determinant_of,
    from_factors="determinant",
    of_transpose="invariant",
    differential=lambda args, y, dargs: y * trace(inv(args[0]) @ dargs[0]),
    conditions=(Condition("det({0}) != 0", smooth=True),),
    evaluate=lambda np, x: numeric.scalar(np, np.linalg.det(x)),
    arguments=("A", "a"),
    spell={
        "numpy": "np.linalg.det({0})",
        "c": "determinant({rows}, {0}, {work})",
        "matlab": "det({0})",
        "julia": "det({0})",
    },
    helpers={"c": DETERMINANT},
    stacks={"numpy": "np.linalg.det({0})"},
)


def _log_determinant_of(x: Node) -> Expr | None:
    """log|det| of X', X⁻¹, diag(v), eᴬ: log|det X|, -log|det X|, Σ log|v|, tr(A)"""
    upright, flipped = build.oriented(x)
    if flipped:
        return logdet(Expr(upright))
    inverted, exponent, v = argument_of(inv, x), argument_of(expm, x), diagonal_of(x)
    if inverted is not None:
        return -logdet(inverted)
    if exponent is not None:
        return trace(exponent)
    return None if v is None else log(abs_(v)).sum()


def _log_determinant(np: Any, x: Any) -> Any:
    # The phase of a complex determinant, taken from the nearer half of the real line.
    phase, size = np.linalg.slogdet(x)
    return numeric.scalar(np, size + np.log(phase * np.sign(np.real(phase))))


logdet: Function = primitive(
    "logdet",
    formula="log|det X|; d logdet = tr(X⁻¹ dX) (Magnus & Neudecker, 8.3)",
    shape=scalar_of_square,
    axes=no_axes,
    of_scalar=lambda x: log(abs_(x)),
    rewrite=_log_determinant_of,
    from_factors="logarithm",
    of_transpose="invariant",
    differential=lambda args, y, dargs: trace(inv(args[0]) @ dargs[0]),
    conditions=REGULAR,
    evaluate=_log_determinant,
    arguments=("A", "a", "P"),
    curvature="concave",
    convex_on=("spd",),
    known_from="Boyd & Vandenberghe, Convex Optimization, 3.1.5",
    latex=r"\log\left\lvert\det {0}\right\rvert",
    unicode="log|det {0}|",
    spell={
        "numpy": "np.linalg.slogdet({0})[1]",
        "c": "log_determinant({rows}, {0}, {work})",
        "matlab": "log_determinant({0})",
        "julia": "first(logabsdet({0}))",
    },
    helpers={"matlab": matlab.LOG_DETERMINANT, "c": LOG_DETERMINANT},
    stacks={"numpy": "np.linalg.slogdet({0})[1]"},
)

tr: Function = composite(
    "tr",
    aliases=("trace",),
    formula="Σ X_ii",
    shape=scalar_of_square,
    build=lambda x: trace(x.e) if x.node.rank else x.e,
    evaluate=lambda np, x: numeric.scalar(np, np.trace(x)),
    arguments=("A", "a"),
    curvature="affine",
    monotone=("increasing",),
    known_from="linear",
    latex=r"\operatorname{{tr}}\left({0}\right)",
)

adj: Function = composite(
    "adj",
    formula="det(X) X⁻¹, the adjugate of a regular matrix",
    shape=square,
    build=lambda x: det(x.e) * inv(x.e) if x.node.rank else Expr(build.constant(1)),
    conditions=REGULAR,
    evaluate=lambda np, x: np.linalg.det(x) * np.linalg.inv(x),
    arguments=("A", "a"),
)


def _solution_shape(unify: Unifier, name: str, args: Any) -> Shape:
    matrix = square(unify, name, args)
    right: Shape = args[1]
    if not unify.same(matrix.rows, right.rows):
        raise ShapeError(
            say(
                "{name}: the matrix is {rows} x {rows} but the right-hand side is {right}; the "
                "numbers of rows differ.",
                name=name,
                rows=matrix.rows,
                right=describe(unify.shape(right)),
            ),
            kind="dimension_mismatch",
        )
    return unify.shape(right)


solve: Function = composite(
    "solve",
    parameters=("expr", "expr"),
    formula="A⁻¹ b, the solution of A x = b",
    shape=_solution_shape,
    build=lambda a, b: inv(a.e) @ b.e if a.node.rank else b.e / a.e,
    conditions=REGULAR,
    evaluate=lambda np, a, b: np.linalg.solve(a, b),
    arguments=("A, x", "A, B", "a, c"),
    latex="{0}^{{-1}} {1}",
    unicode="{0}⁻¹ {1}",
)
