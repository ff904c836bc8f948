"""Cholesky factor, eigenvalues of symmetric matrices, singular values.

Eigenvalues and the Cholesky factor are those of the symmetric part, so that derivatives by
all entries of a symmetric matrix exist.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradform.errors import ShapeError
from gradform.functions import numeric
from gradform.functions.elementwise import HALF
from gradform.functions.kinked import abs_, recip0
from gradform.functions.linear_algebra import inv
from gradform.functions.norms import euclidean
from gradform.functions.operators import (
    diagonal_matrix,
    diagonal_of,
    entry,
    identity,
    symmetric_part,
)
from gradform.functions.order import check_count, sum_largest
from gradform.functions.record import (
    Condition,
    Function,
    NetworkLaw,
    Typed,
    composite,
    primitive,
)
from gradform.functions.reductions import rounded_max
from gradform.functions.shapes import (
    SCALAR,
    THIS,
    Shape,
    Unifier,
    column,
    length_of_square,
    scalar_of_square,
    square,
)
from gradform.functions.sources import julia, matlab
from gradform.functions.sources.c_arrays import CHOLESKY
from gradform.ir import build
from gradform.ir.dims import ZERO_DIM, Dim
from gradform.ir.expr import Expr
from gradform.ir.laws import Network
from gradform.ir.nodes import Node
from gradform.language import say


def _cholesky_of(x: Node) -> Expr | None:
    """chol(A') = chol(A), chol(diag(v)) = diag(√v)"""
    upright, flipped = build.oriented(x)
    if flipped:
        return chol(Expr(upright))
    v = diagonal_of(x)
    return None if v is None else diagonal_matrix(v**HALF)


def _cholesky_differential(args: tuple[Expr, ...], y: Expr, dargs: tuple[Expr, ...]) -> Expr:
    """L L' = S gives L⁻¹dL + (L⁻¹dL)' = L⁻¹ dS L'⁻¹, and L⁻¹dL is its lower triangle with
    half of the diagonal (Giles 2008; Murray 2016, eq. 8)."""
    size = y.node.axes[0]
    inverse = inv(y)
    half_lower = Expr(build.lower(size)) - identity(size) / 2
    return y @ (half_lower * (inverse @ symmetric_part(dargs[0]) @ inverse.T))


def _cholesky(np: Any, x: Any) -> Any:
    # Written out: numpy.linalg.cholesky is not analytic for complex symmetric matrices.
    a = numeric.symmetric_part(x)
    factor = np.zeros_like(a)
    for j in range(len(a)):
        rest = a[j:, j] - factor[j:, :j] @ factor[j, :j]
        factor[j:, j] = rest / np.sqrt(rest[0])
    return factor


def _square_law(side: int, whole: Callable[[Node], Node]) -> NetworkLaw:
    """Σ_k F[i,k] F[j,k] = whole[i,j] (side 1), or Σ_k F[k,i] F[k,j] = whole[i,j] (side 0)."""

    def law(network: Network, k: int) -> bool:
        node, labels, power = network.factors[k]
        for j in range(k + 1, len(network.factors)):
            other, labels2, power2 = network.factors[j]
            link = labels[side]
            if other is not node or not power == power2 == 1 or link != labels2[side]:
                continue
            if network.linked_once(link):
                network.replace({j, k}, [], (link,))
                network.absorb(whole(node), (labels[1 - side], labels2[1 - side]))
                return True
        return False

    return law


def _factored(node: Node) -> Node:
    """S for L = chol(S)."""
    return symmetric_part(Expr(node.children[0])).node


def _inverse_factored(node: Node) -> Node:
    """S⁻¹ for L⁻¹ = inv(chol(S))."""
    return inv(Expr(_factored(node.children[0]))).node


chol: Function = primitive(
    "chol",
    formula="lower L with L L' = (A + A')/2; dL = L Φ(L⁻¹ dS L'⁻¹) (Murray 2016, eq. 8)",
    shape=square,
    axes=lambda x: x.axes,
    of_scalar=lambda x: x**HALF,
    rewrite=_cholesky_of,
    network_law=_square_law(1, _factored),  # L L' = S
    inverse_law=_square_law(0, _inverse_factored),  # L'⁻¹ L⁻¹ = S⁻¹
    differential=_cholesky_differential,
    conditions=(Condition("{0} is positive definite"),),
    evaluate=_cholesky,
    arguments=("P", "c"),
    spell={
        "c": "cholesky({rows}, {0}, {result})",
        "matlab": "chol(({0} + {0}') / 2, 'lower')",
        "julia": "Matrix(cholesky(Symmetric(({0} + {0}') / 2)).L)",
    },
    helpers={
        "c": CHOLESKY,
        "numpy": """\
def chol(a):
    return np.linalg.cholesky((a + a.T) / 2)
""",
        "torch": """\
def chol(a):
    return torch.linalg.cholesky((a + a.T) / 2)
""",
    },
)


def _of_symmetric_part(fn: Callable[[], Function]) -> Callable[[Node], Expr | None]:
    """f(A') = f(A), as only the symmetric part counts."""

    def rewrite(x: Node) -> Expr | None:
        upright, flipped = build.oriented(x)
        return fn()(Expr(upright)) if flipped else None

    return rewrite


def eigen_differences(values: Expr) -> Expr:
    """F_ij = 1/(v_j - v_i), and 0 where they are equal."""
    across = _across(values)
    return recip0(across - across.T)


def _across(values: Expr) -> Expr:
    """v_j at (i, j)."""
    size = values.node.axes[0]
    return Expr(build.contract(1, [(values.node, (1,), 1)], (0, 1), {0: size}))


DISTINCT = (Condition("the eigenvalues of {0} are distinct"),)


def _eig_differential(args: tuple[Expr, ...], y: Expr, dargs: tuple[Expr, ...]) -> Expr:
    """dλ_i = v_i' dS v_i (Magnus & Neudecker, 9.8)."""
    vectors = eigvecs(args[0]).node
    factors = [(vectors, (1, 0), 1), (dargs[0].node, (1, 2), 1), (vectors, (2, 0), 1)]
    return Expr(build.contract(1, factors, (0,)))


def _rounded_eigenvalue(values: Expr, position: Dim, mu: Expr) -> Expr | None:
    """The largest or the smallest of all, as a symmetric function of them."""
    if position == values.node.axes[0] - 1:
        return rounded_max(values, mu)
    return -rounded_max(-values, mu) if position == ZERO_DIM else None


eig: Function = primitive(
    "eig",
    formula="eigenvalues of a symmetric S, ascending; dλ_i = v_i' dS v_i (M. & N., 9.8)",
    shape=length_of_square,
    needs_symmetric=True,
    axes=lambda x: x.axes[:1],
    of_scalar=lambda x: x,
    rewrite=_of_symmetric_part(lambda: eig),
    differential=_eig_differential,
    rounded_entry=_rounded_eigenvalue,
    conditions=DISTINCT,
    evaluate=lambda np, x: np.linalg.eigvalsh(numeric.symmetric_part(x))[:, None],
    analytic=False,
    domain="symmetric",
    arguments=("S", "P", "a"),
    latex=r"\lambda\left({0}\right)",
    unicode="λ({0})",
    spell={
        "matlab": "sort(eig(({0} + {0}') / 2))",
        "julia": "eigvals(Symmetric(({0} + {0}') / 2))",
    },
    helpers={
        "numpy": """\
def eig(s):
    return np.linalg.eigvalsh((s + s.T) / 2)
""",
        "torch": """\
def eig(s):
    return torch.linalg.eigvalsh((s + s.T) / 2)
""",
    },
)


def _spectral_decomposition(network: Network, k: int) -> bool:
    """V diag(λ^p) V' = S^p for whole p >= 0 (Σ_k V[i,k] λ[k]^p V[j,k]), and V'V = I."""
    node, labels, power = network.factors[k]
    matrix = symmetric_part(Expr(node.children[0]))
    values = eig(matrix).node
    for j in range(k + 1, len(network.factors)):
        other, labels2, power2 = network.factors[j]
        if other is not node or not power == power2 == 1:
            continue
        if labels[0] == labels2[0] and network.linked_once(labels[0]):
            identity = build.delta(node.axes[0])
            network.replace({j, k}, [(identity, (labels[1], labels2[1]), 1)], (labels[0],))
            return True
        link = labels[1]
        if link != labels2[1] or link in network.out:
            continue
        users = [n for n, f in enumerate(network.factors) if link in f[1]]
        weights = [network.factors[n] for n in users if n not in (j, k)]
        if len(weights) > 1 or any(w[0] is not values for w in weights):
            continue
        times = weights[0][2] if weights else 0
        if not isinstance(times, int) or not 0 <= times <= 8:
            continue
        network.replace(set(users), [], (link,))
        whole = identity_of(node) if times == 0 else build.matmul(*[matrix.node] * times)
        network.absorb(whole, (labels[0], labels2[0]))
        return True
    return False


def identity_of(node: Node) -> Node:
    return build.delta(node.axes[0])


def _eigvecs_differential(args: tuple[Expr, ...], y: Expr, dargs: tuple[Expr, ...]) -> Expr:
    """dV = V (F ∘ (V' dS V)) (Giles 2008, 3.1)."""
    gaps = eigen_differences(eig(args[0]))
    return y @ (gaps * (y.T @ symmetric_part(dargs[0]) @ y))


def _pointed(np: Any, vectors: Any) -> Any:
    """Columns whose entry of largest size is positive, which fixes their signs."""
    places = np.argmax(np.abs(vectors), 0)
    return vectors * np.sign(vectors[places, np.arange(vectors.shape[1])])


eigvecs: Function = primitive(
    "eigvecs",
    formula="orthonormal eigenvectors in columns, largest entry positive; dV = V (F ∘ (V' dS V))",
    shape=square,
    needs_symmetric=True,
    axes=lambda x: x.axes,
    of_scalar=lambda x: Expr(build.constant(1)),
    rewrite=_of_symmetric_part(lambda: eigvecs),
    network_law=_spectral_decomposition,
    differential=_eigvecs_differential,
    conditions=DISTINCT,
    evaluate=lambda np, x: _pointed(np, np.linalg.eigh(numeric.symmetric_part(x))[1]),
    analytic=False,
    domain="symmetric",
    arguments=("S", "a"),
    spell={
        "matlab": "eigenvectors({0})",
        "julia": "eigenvectors({0})",
    },
    helpers={
        "julia": julia.EIGENVECTORS,
        "matlab": matlab.EIGENVECTORS,
        "numpy": """\
def eigvecs(s):
    vectors = np.linalg.eigh((s + s.T) / 2)[1]
    places = np.argmax(np.abs(vectors), axis=0)
    return vectors * np.sign(vectors[places, np.arange(len(places))])
""",
        "torch": """\
def eigvecs(s):
    vectors = torch.linalg.eigh((s + s.T) / 2)[1]
    places = torch.argmax(torch.abs(vectors), dim=0, keepdim=True)
    return vectors * torch.sign(torch.take_along_dim(vectors, places, dim=0))
""",
    },
)


def _extreme(x: Typed, position: Dim) -> Expr:
    values = eig(x.e)
    return entry(values, position) if values.node.rank else values


lambda_max: Function = composite(
    "lambda_max",
    formula="the largest eigenvalue of a symmetric S; dλ = v' dS v",
    shape=scalar_of_square,
    needs_symmetric=True,
    build=lambda x: _extreme(x, x.shape.rows - 1),
    conditions=(Condition("the largest eigenvalue of {0} is simple", smooth=True),),
    evaluate=lambda np, x: np.linalg.eigvalsh(numeric.symmetric_part(x))[-1:, None],
    analytic=False,
    domain="symmetric",
    arguments=("S", "a"),
    curvature="convex",
    known_from="Boyd & Vandenberghe, Convex Optimization, 3.2.3",
    latex=r"\lambda_{{\max}}\left({0}\right)",
    unicode="λmax({0})",
)

lambda_min: Function = composite(
    "lambda_min",
    formula="the smallest eigenvalue of a symmetric S; dλ = v' dS v",
    shape=scalar_of_square,
    needs_symmetric=True,
    build=lambda x: _extreme(x, ZERO_DIM),
    conditions=(Condition("the smallest eigenvalue of {0} is simple", smooth=True),),
    evaluate=lambda np, x: np.linalg.eigvalsh(numeric.symmetric_part(x))[:1, None],
    analytic=False,
    domain="symmetric",
    arguments=("S", "a"),
    curvature="concave",
    known_from="Boyd & Vandenberghe, Convex Optimization, 3.2.3",
    latex=r"\lambda_{{\min}}\left({0}\right)",
    unicode="λmin({0})",
)


def _is_wide(rows: Dim, cols: Dim) -> bool:
    """Certainly fewer rows than columns."""
    excess = (rows - cols).value
    return excess is not None and excess < 0


def _svdvals_shape(unify: Unifier, name: str, args: Any) -> Shape:
    shape = unify.shape(args[0])
    if not shape.is_matrix:
        return SCALAR
    return column(shape.rows if _is_wide(*shape) else shape.cols)


def _singular_values(x: Typed) -> Expr:
    if x.shape.is_vector:
        return euclidean(x.e)
    return svdvals(x.e.T if _is_wide(*x.shape) else x.e)


def _svdvals_differential(args: tuple[Expr, ...], y: Expr, dargs: tuple[Expr, ...]) -> Expr:
    """dσ_i = u_i' dX v_i with u_i = X v_i/σ_i."""
    x, vectors = args[0], svd_right(args[0])
    factors = [
        ((x @ vectors).node, (1, 0), 1),
        (dargs[0].node, (1, 2), 1),
        (vectors.node, (2, 0), 1),
        (y.node, (0,), -1),
    ]
    return Expr(build.contract(1, factors, (0,)))


TALL = (
    Condition("{0} has at least as many rows as columns"),
    Condition("the singular values of {0} are distinct and not 0", smooth=True),
)

svdvals: Function = primitive(
    "svdvals",
    formula="singular values, descending, of a matrix with rows >= columns; dσ_i = u_i' dX v_i",
    shape=_svdvals_shape,
    build=_singular_values,
    axes=lambda x: x.axes[1:],
    of_scalar=lambda x: abs_(x),
    differential=_svdvals_differential,
    sign="nonnegative",
    conditions=TALL,
    needs_tall=True,
    evaluate=lambda np, x: np.linalg.svd(x, compute_uv=False)[:, None],
    analytic=False,
    arguments=("A", "x", "a"),
    latex=r"\sigma\left({0}\right)",
    unicode="σ({0})",
    spell={
        "numpy": "np.linalg.svd({0}, compute_uv=False)",
        "torch": "torch.linalg.svdvals({0})",
        "matlab": "svd({0})",
        "julia": "svdvals({0})",
    },
    stacks={"numpy": "np.linalg.svd({0}, compute_uv=False)"},
)


def _svd_right_differential(args: tuple[Expr, ...], y: Expr, dargs: tuple[Expr, ...]) -> Expr:
    """V holds the eigenvectors of X'X, with eigenvalues σ².

    1/(σ_j² - σ_i²) = 1/(σ_j - σ_i) · 1/(σ_j + σ_i): a compiler that fuses the multiplication
    with the subtraction makes no zero of σ_i² - σ_i², but nothing else of σ_i - σ_i.
    """
    (x,), (dx,) = args, dargs
    values = svdvals(x)
    sums = _across(values) + _across(values).T
    gaps = eigen_differences(values) / sums
    return y @ (gaps * (y.T @ (dx.T @ x + x.T @ dx) @ y))


def _square_of_columns(unify: Unifier, name: str, args: Any) -> Shape:
    shape: Shape = args[0]
    if shape.is_vector:
        raise ShapeError(
            say("{name} needs a matrix; {this} is a vector.", name=name, this=THIS),
            kind="dimension_mismatch",
        )
    return Shape(shape.cols, shape.cols)


svd_right: Function = primitive(
    "svd_right",
    formula="V where X = U S V', rows >= columns, largest entry of each column positive",
    shape=_square_of_columns,
    axes=lambda x: (x.axes[1], x.axes[1]),
    of_scalar=lambda x: Expr(build.constant(1)),
    differential=_svd_right_differential,
    conditions=TALL,
    needs_tall=True,
    evaluate=lambda np, x: _pointed(np, np.linalg.svd(x, full_matrices=False)[2].T),
    analytic=False,
    arguments=("A", "a"),
    spell={
        "matlab": "right_vectors({0})",
        "julia": "right_vectors({0})",
    },
    helpers={
        "julia": julia.RIGHT_VECTORS,
        "matlab": matlab.RIGHT_VECTORS,
        "numpy": """\
def svd_right(x):
    vectors = np.linalg.svd(x, full_matrices=False)[2].T
    places = np.argmax(np.abs(vectors), axis=0)
    return vectors * np.sign(vectors[places, np.arange(len(places))])
""",
        "torch": """\
def svd_right(x):
    vectors = torch.linalg.svd(x, full_matrices=False)[2].T
    places = torch.argmax(torch.abs(vectors), dim=0, keepdim=True)
    return vectors * torch.sign(torch.take_along_dim(vectors, places, dim=0))
""",
    },
)


def _largest_shape(unify: Unifier, name: str, args: Any) -> Shape:
    check_count(name, args[1], square(unify, name, args).rows)
    return SCALAR


lambda_sum_largest: Function = composite(
    "lambda_sum_largest",
    parameters=("expr", "int"),
    takes_entries=True,
    formula="the sum of the k largest eigenvalues of a symmetric S (Overton & Womersley 1993)",
    shape=_largest_shape,
    needs_symmetric=True,
    build=lambda x, k: sum_largest(eig(x.e), k.e) if x.node.rank else x.e,
    conditions=(
        Condition("the {1} largest eigenvalues of {0} are larger than the others", smooth=True),
    ),
    evaluate=lambda np, x, k: numeric.scalar(
        np, np.linalg.eigvalsh(numeric.symmetric_part(x))[len(x) - k :].sum()
    ),
    analytic=False,
    domain="symmetric",
    arguments=("S, 2", "S, 1", "S, 3"),
    definition="sum_largest(eig(x), y)",
    curvature="convex",
    known_from="Boyd & Vandenberghe, Convex Optimization, 3.2.3 and exercise 3.26",
)
