"""Rewritings inside the records keep values, and are reached."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from gradform.functions import Function, Typed, all_functions, lookup
from gradform.functions.linear_algebra import det, inv, logdet, pinv
from gradform.functions.matrix_functions import derivative_along
from gradform.functions.operators import diagonal_matrix, identity, trace
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Apply, Node
from tests.support.ir_eval import Array, evaluate_node
from tests.support.samples import SIZES, SampleCall, draw, table, typed_symbol

ENTRYWISE = [r for r in all_functions() if r.elementwise and r.arity == (1, 1)]
OF_MATRICES = [
    r for r in all_functions() if r.is_primitive and not r.elementwise and r.rewrite is not None
]
each_entrywise = pytest.mark.parametrize("record", ENTRYWISE, ids=lambda r: r.name)

NAMES = ("x", "p", "u", "r", "X", "A", "P", "a", "c")
POINT = {name: draw(name, np.random.default_rng(5)) for name in NAMES}


def variable(name: str) -> Expr:
    return Expr(typed_symbol(name).node)


def value(expression: Expr | Node) -> Array:
    node = expression.node if isinstance(expression, Expr) else expression
    return evaluate_node(node, POINT, SIZES)


def reference(record: Function, argument: Array) -> Array:
    assert record.evaluate is not None
    with np.errstate(all="ignore"):
        found: Array = record.evaluate(np, table(argument)).reshape(argument.shape)
    return found


def fn(name: str) -> Function:
    record = lookup(name)
    assert record is not None
    return record


# ---------------------------------------------------------------- elementwise


ARGUMENTS: tuple[Callable[[Expr], Expr], ...] = (
    lambda t: -t,
    lambda t: t * 2,
    lambda t: t * Fraction(-1, 3),
    lambda t: t * t,
    lambda t: t * -variable("c"),
    lambda t: t * -2 - 1,
    lambda t: -t - t * t,
)


@each_entrywise
@pytest.mark.parametrize("name", ["x", "u", "X", "r", "a"])
def test_entrywise_forms_keep_values(record: Function, name: str) -> None:
    for form in ARGUMENTS:
        argument = form(variable(name))
        with np.errstate(all="ignore"):
            found = value(record(argument))
        np.testing.assert_allclose(found, reference(record, value(argument)), atol=1e-12, rtol=1e-9)


@each_entrywise
def test_transposes_and_repeated_scalars_are_pulled_out(record: Function) -> None:
    matrix = variable("P")
    upright = Expr(build.matmul(matrix.node, variable("A").node))
    assert record(upright.T).node is record(upright).T.node
    repeated = Expr(build.broadcast(variable("c").node, variable("x").node.axes))
    once = record(variable("c")).node
    assert record(repeated).node is build.broadcast(once, repeated.node.axes)


WITH_LAWS = [record for record in ENTRYWISE if record.product_laws or record.power_law]


@pytest.mark.parametrize("name", ["p", "u", "x"])
def test_products_keep_values(name: str) -> None:
    """Of what has laws with each function: all other products stay what they are."""
    argument = variable(name)
    for first, second in product(WITH_LAWS, ENTRYWISE):
        with np.errstate(all="ignore"):
            left, right = reference(first, value(argument)), reference(second, value(argument))
            if not (np.isfinite(left).all() and np.isfinite(right).all()):
                continue
            for p, q in product((1, 2, -1), repeat=2):
                found = value(first(argument) ** p * second(argument) ** q)
                wanted = left ** float(p) * right ** float(q)
                if np.isfinite(wanted).all():
                    np.testing.assert_allclose(found, wanted, rtol=1e-9)


@pytest.mark.parametrize("three", [("sin", "cos", "tan"), ("sinh", "cosh", "tanh")])
def test_quotients_have_one_form(three: tuple[str, str, str]) -> None:
    """f^p·g^q·(f/g)^r depends on p + r and q - r alone."""
    top, bottom, quotient = (fn(name)(x) for name in three)
    for p, q, r in product((-3, -1, 0, 1, 2), repeat=3):
        found = top**p * bottom**q * quotient**r
        assert found.node is (quotient**r * (bottom**q * top**p)).node
        assert found.node is (top ** (p + r) * bottom ** (q - r)).node
        wanted = value(top) ** float(p + r) * value(bottom) ** float(q - r)
        np.testing.assert_allclose(value(found), wanted, rtol=1e-9)


def test_roots_of_quotients_stay_where_they_are_defined() -> None:
    """sqrt(sin)/cos is a number where the cosine is negative; sqrt(tan)/sqrt(cos) is not."""
    argument = Expr(build.constant(Fraction(5, 2), x.node.axes))
    found = value(sin(argument) ** Fraction(1, 2) / cos(argument))
    np.testing.assert_allclose(found, np.sqrt(np.sin(2.5)) / np.cos(2.5), rtol=1e-12)
    symbolic = (sin(x) ** Fraction(1, 2) / cos(x)).node
    assert "tan" not in {f.fn.name for f, _, _ in symbolic.factors}  # type: ignore[attr-defined]


@pytest.mark.parametrize("record", [r for r in ENTRYWISE if r.power_law], ids=lambda r: r.name)
def test_powers_keep_values(record: Function) -> None:
    node = record(variable("x")).node
    assert isinstance(node, Apply)
    assert record.power_law is not None
    reached = 0
    for p in (2, 3, 4, -1, -2, Fraction(1, 2)):
        found = record.power_law(node, p)
        if found is not None:
            reached += 1
            wanted = np.prod([value(factor) ** float(q) for factor, q in found], axis=0)
            np.testing.assert_allclose(value(node) ** float(p), wanted, rtol=1e-12)
    assert reached


x, p, a, c = (variable(name) for name in ("x", "p", "a", "c"))
exp, log, abs_, sign, relu, step = map(fn, ("exp", "log", "abs", "sign", "relu", "step"))
sin, cos, tan, sinh, cosh, tanh = map(fn, ("sin", "cos", "tan", "sinh", "cosh", "tanh"))

P = variable("P")
chol, eig, eigvecs = map(fn, ("chol", "eig", "eigvecs"))

EQUATIONS: dict[str, tuple[Expr, Expr]] = {
    "exp log": (exp(log(p)), p),
    "exp of a sum with logs": (exp(x + log(p) * 2), exp(x) * p**2),
    "log exp": (log(exp(x)), x),
    "log of a product": (log(exp(x) * p**-2 * 3), x - log(p) * 2 + log(Expr(build.constant(3)))),
    "log softmax": (
        log(exp(x) / exp(x).sum()),
        x - log(exp(x).sum()),
    ),
    "softplus": (log(1 + exp(x)), fn("softplus")(x)),
    "abs times sign": (abs_(x) * sign(x), x),
    "abs of a multiple": (abs_(x * -3), abs_(x) * 3),
    "abs of a square": (abs_(x**2), x**2),
    "sign of x over abs": (x / abs_(x), sign(x)),
    "sign of a multiple": (sign(x * -3), -sign(x)),
    "sign of positive": (sign(exp(x)), Expr(build.ones(*x.node.axes))),
    "relu of a multiple": (relu(x * 3), relu(x) * 3),
    "relu of positive": (relu(p), p),
    "x step": (x * step(x), relu(x)),
    "relu step": (relu(x) * step(x), relu(x)),
    "relu x": (relu(x) * x, relu(x) ** 2),
    "step of the opposite": (step(-x), 1 - step(x)),
    "sin over cos": (sin(x) ** 2 / cos(x) ** 2, tan(x) ** 2),
    "sinh over cosh": (sinh(x) / cosh(x), tanh(x)),
    "as much as both have": (sinh(x) / cosh(x) ** 3, tanh(x) / cosh(x) ** 2),
    "cosh over sinh": (cosh(x) ** 2 / sinh(x) ** 3, tanh(x) ** -2 / sinh(x)),
    "tanh cosh": (tanh(x) * cosh(x) ** 2, sinh(x) * cosh(x)),
    "tanh over sinh": (tanh(x) ** 2 / sinh(x), sinh(x) / cosh(x) ** 2),
    "tan cos": (tan(x) * cos(x), sin(x)),
    "tan below": (1 / tan(x), cos(x) / sin(x)),
    "odd": (sin(-x), -sin(x)),
    "even": (cos(-x), cos(x)),
    "maximum with 0": (fn("maximum")(x, x * 0), relu(x)),
    "minimum with 0": (fn("minimum")(x * 0, x), -relu(-x)),
    "maximum with itself": (fn("maximum")(x, x), x),
    "a number as exponent": (
        fn("pow")(p, Expr(build.constant(Fraction(3, 2)))),
        p ** Fraction(3, 2),
    ),
    "trigamma": (fn("polygamma")(Expr(build.constant(1)), p), fn("trigamma")(p)),
    "scalars are taken out of an inverse": (inv(variable("A") * a), inv(variable("A")) / a),
    "the inverse of a transpose": (inv(variable("A").T), inv(variable("A")).T),
    "the inverse of a multiple": (inv(variable("A") * 2), inv(variable("A")) / 2),
    "the inverse of an inverse": (inv(inv(variable("A"))), variable("A")),
    "the inverse of a diagonal matrix": (inv(diagonal_matrix(p)), diagonal_matrix(1 / p)),
    "det of a transpose": (det(variable("A").T), det(variable("A"))),
    "det of an inverse": (det(inv(variable("A"))), 1 / det(variable("A"))),
    "logdet of an inverse": (logdet(inv(variable("A"))), -logdet(variable("A"))),
    "pinv of a transpose": (pinv(variable("X").T), pinv(variable("X")).T),
    "the Cholesky factor": (chol(P) @ chol(P).T, P),
    "the inverse Cholesky factor": (inv(chol(P)).T @ inv(chol(P)), inv(P)),
    "eigenvectors are orthonormal": (eigvecs(P).T @ eigvecs(P), identity(P.node.axes[0])),
    "the spectral decomposition": (
        eigvecs(P) @ diagonal_matrix(eig(P)) @ eigvecs(P).T,
        P,
    ),
    "an inverse beside its matrix": (inv(variable("A")) @ variable("A") @ x, x),
    "expm logm": (fn("expm")(fn("logm")(variable("P"))), variable("P")),
}


@pytest.mark.parametrize("name", EQUATIONS)
def test_both_sides_are_one_expression(name: str) -> None:
    left, right = EQUATIONS[name]
    assert left.node is right.node


# ---------------------------------------------------------------- functions of matrices


@pytest.mark.parametrize("record", OF_MATRICES, ids=lambda r: r.name)
def test_forms_of_matrices_keep_values(record: Function) -> None:
    name = SampleCall(record, record.arguments[0]).names[0]
    given = variable("P" if record.needs_symmetric or name in ("P", "S") else "A")
    forms = [given, given.T, given * 2, given * c, inv(given), diagonal_matrix(p)]
    forms += [given + given.T, given * 2 + given.T * 4, fn("expm")(given)]
    if record is fn("max") or record is fn("indmax"):
        forms.pop(5)  # zeros beside the diagonal are never the unique largest entry
    for form in forms:
        assert record.evaluate is not None
        wanted = record.evaluate(np, table(value(form)))
        found = value(record(form))
        np.testing.assert_allclose(found, wanted.reshape(found.shape), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", ["dexpm", "dlogm", "dsqrtm"])
def test_derivative_along_a_direction_keeps_its_value(name: str) -> None:
    record = fn(name)
    shape = typed_symbol("A").shape
    skew = P + variable("A") * Fraction(1, 9)
    for first in (P, skew, skew.T, inv(skew), identity(P.node.axes[0])):
        for second in (variable("A"), variable("A").T, P):
            found = record.value([Typed(each.node, shape) for each in (first, second)])
            assert record.evaluate is not None
            wanted = record.evaluate(np, value(first), value(second))
            np.testing.assert_allclose(value(found), wanted, rtol=1e-9, atol=1e-9)


def test_derivatives_of_matrix_functions_under_a_trace_or_along_a_multiple() -> None:
    for name, slope in {"expm": fn("expm"), "logm": inv}.items():
        moved = derivative_along(fn(name), P, variable("A"))
        np.testing.assert_allclose(value(trace(moved)), value(trace(slope(P) @ variable("A"))))
        scaled = P * variable("c")
        moved = derivative_along(fn(name), scaled, P)
        np.testing.assert_allclose(value(moved), value(P @ slope(scaled)), rtol=1e-9)
