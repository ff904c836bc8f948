"""Right derivatives are confirmed, wrong ones refused."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.errors import CannotError, InputError, StructureError, UnconfirmedError
from gradform.verify.certificate import Certificate, certify
from gradform.verify.interpreter import Environment
from gradform.verify.operations import Array
from tests.support.work import calls_of
from tests.unit.verify.formulas import formula

Sizes = Mapping[str, int]
Derivative = Callable[[Environment, Sizes], object]


def check(
    text: str,
    wrt: str,
    derivative: Derivative,
    structures: Mapping[str, str] | None = None,
    **options: Any,
) -> Certificate:
    found = formula(text, wrt, structures)
    return certify(
        found.program, found.shapes, found.variables, list(wrt), {"formula": derivative}, **options
    )


def refused(
    text: str,
    wrt: str,
    derivative: Derivative,
    structures: Mapping[str, str] | None = None,
    **options: Any,
) -> str:
    with pytest.raises(UnconfirmedError) as caught:
        check(text, wrt, derivative, structures, **options)
    assert caught.value.kind == "unconfirmed"
    return caught.value.message


def least_squares(env: Environment, sizes: Sizes) -> Array:
    return np.ravel(2 * env["A"].T @ (env["A"] @ env["x"] - env["b"]))


def quadratic(env: Environment, sizes: Sizes) -> Array:
    return ((env["X"] + env["X"].T) @ env["x"]).ravel()


RIGHT: list[tuple[str, str, Derivative]] = [
    ("(A*x-b)'*(A*x-b)", "x", least_squares),
    ("u = A*x - b; u'*u", "x", least_squares),
    ("A*x", "x", lambda env, s: env["A"]),
    ("r*X", "r", lambda env, s: env["X"].T),
    ("A*x", "A", lambda env, s: np.einsum("im,n->imn", np.eye(s["m"]), env["x"].ravel())),
    ("x'*X*x", "x", quadratic),
    ("x'*X*x", "xx", lambda env, s: env["X"] + env["X"].T),
    ("x'*X*x", "xX", lambda env, s: _mixed(env, s)),
    ("x'*X*x", "xxx", lambda env, s: np.zeros((s["n"],) * 3)),
    ("x'*X*x", "", lambda env, s: (env["x"].T @ env["X"] @ env["x"])[0, 0]),
    ("a^3*c", "aaa", lambda env, s: 6 * env["c"][0, 0]),
    ("a*x", "xa", lambda env, s: np.eye(s["n"])),
    ("exp(a)", "a", lambda env, s: float(np.exp(env["a"])[0, 0])),
    ("b'*b", "x", lambda env, s: np.zeros(s["n"])),
    ("x(5)*x(1)", "x", lambda env, s: _fifth(env, s)),
    ("log(1-x'*x)", "x", lambda env, s: (-2 * env["x"] / (1 - env["x"].T @ env["x"])).ravel()),
    ("log(x(1)-5)", "x", lambda env, s: np.eye(s["n"])[0] / (env["x"][0, 0] - 5)),
]


def _mixed(env: Environment, sizes: Sizes) -> object:
    identity, x = np.eye(sizes["n"]), env["x"].ravel()
    return np.einsum("ip,q->ipq", identity, x) + np.einsum("iq,p->ipq", identity, x)


def _fifth(env: Environment, sizes: Sizes) -> Array:
    gradient = np.zeros(sizes["n"])
    gradient[0], gradient[4] = env["x"][4, 0], env["x"][0, 0]
    return gradient


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("text", "wrt", "derivative"), RIGHT)
def test_right_derivatives(text: str, wrt: str, derivative: Derivative, seed: int) -> None:
    certificate = check(text, wrt, derivative, seed=seed)
    assert certificate
    assert certificate.worst_error <= certificate.tolerance < 1e-6
    assert certificate.points == 4
    assert certificate.directions == 8
    assert certificate.checked == ("formula",)


@pytest.mark.parametrize("factor", [1 + 1e-6, -1, 0, 2])
@pytest.mark.parametrize(("text", "wrt", "derivative"), RIGHT)
def test_wrong_factors(text: str, wrt: str, derivative: Derivative, factor: float) -> None:
    def wrong(env: Environment, sizes: Sizes) -> Array:
        return factor * np.asarray(derivative(env, sizes))

    if wrt == "xxx" or text == "b'*b":  # zero times a factor is right
        assert check(text, wrt, wrong)
    else:
        assert "differs from the limit definition" in refused(text, wrt, wrong)


def test_one_wrong_entry_is_enough() -> None:
    def wrong(env: Environment, sizes: Sizes) -> Array:
        gradient = least_squares(env, sizes)
        gradient[0] *= 1 + 1e-5
        return gradient

    assert "differs" in refused("(A*x-b)'*(A*x-b)", "x", wrong)


def test_transposes() -> None:
    assert "shape (4, 3)" in refused("A*x", "x", lambda env, s: env["A"].T)
    assert "differs" in refused("X*x", "x", lambda env, s: env["X"].T)


def test_right_at_square_sizes_only() -> None:
    def wrong(env: Environment, sizes: Sizes) -> Array:
        return np.eye(sizes["m"]) @ env["A"] if sizes["m"] == sizes["n"] else env["A"] * 0

    assert "differs" in refused("A*x", "x", wrong)


def test_right_at_one_size_only() -> None:
    def wrong(env: Environment, sizes: Sizes) -> Array:
        return np.ravel(env["x"]) * (2 if sizes["n"] == 3 else 6)

    assert "for n=5" in refused("x'*x", "x", wrong)


@pytest.mark.parametrize(
    "derivative",
    [
        lambda env, s: 2 * env["x"],
        lambda env, s: 2 * env["x"].T,
        lambda env, s: 2 * env["x"][0, 0],
        lambda env, s: np.zeros((1, s["n"])),
    ],
)
def test_shapes_must_be_exact(derivative: Derivative) -> None:
    assert "has shape" in refused("x'*x", "x", derivative)


def test_right_on_half_of_the_domain_only() -> None:
    def half(env: Environment, sizes: Sizes) -> Array:
        return 2.6 * np.exp(1.6 * np.log(env["x"].ravel()))

    assert "not finite" in refused("sum((x.^2).^1.3)", "x", half)
    assert check("sum((x.^2).^1.3)", "x", half, {"x": "positive"})


def test_candidates_that_fail() -> None:
    def singular(env: Environment, sizes: Sizes) -> Array:
        return np.linalg.inv(np.zeros((2, 2)))

    assert "cannot be evaluated" in refused("x'*x", "x", singular)
    assert "type complex128" in refused("x'*x", "x", lambda env, s: 2j * env["x"].ravel())


def test_every_candidate_is_checked() -> None:
    found = formula("(A*x-b)'*(A*x-b)")
    candidates: dict[str, Derivative] = {
        "formula": least_squares,
        "code": lambda env, s: -least_squares(env, s),
    }
    with pytest.raises(UnconfirmedError, match="The code differs"):
        certify(found.program, found.shapes, found.variables, ["x"], candidates)


def test_candidates_cannot_change_the_point() -> None:
    def vandal(env: Environment, sizes: Sizes) -> Array:
        env["x"][0, 0] = 0
        return 2 * env["x"].ravel()

    assert "read-only" in refused("x'*x", "x", vandal)


# ------------------------------------------------------------ points


@pytest.mark.parametrize("text", ["log(-x'*x)", "sqrt(-1-a^2)"])
def test_without_admissible_points(text: str) -> None:
    message = refused(text, "x", lambda env, s: np.zeros(s["n"]))
    assert "No admissible point" in message
    assert "no finite value" in message


def test_kinks_at_every_point() -> None:
    message = refused("norm1(X'*X - eye)", "X", lambda env, s: 0 * env["X"], {"X": "orthogonal"})
    assert "kink" in message


def test_kinks_are_avoided() -> None:
    certificate = check("sum(relu(x))", "x", lambda env, s: (env["x"] > 0).ravel() * 1.0)
    assert certificate.method == "complex step"


def test_points_at_which_a_restricted_variable_gives_0_over_0_are_passed_over() -> None:
    def quotient(env: Environment, sizes: Sizes) -> object:
        y = env["y"].ravel()
        return y * y / y

    assert check("x'*y", "x", quotient, {"y": "binary"})


def test_functions_that_are_not_analytic() -> None:
    def spectral(env: Environment, sizes: Sizes) -> Array:
        _, vectors = np.linalg.eigh((env["X"] + env["X"].T) / 2)
        return np.asarray(np.einsum("pk,qk->kpq", vectors, vectors))

    certificate = check("eig(X)", "X", spectral, {"X": "symmetric"})
    assert certificate.method == "extrapolated differences"


def test_cancellation_is_told_from_a_derivative() -> None:
    zero = check("sinh(a)/cosh(a) - tanh(a)", "a", lambda env, s: 0.0)
    assert zero.worst_error < 1e-8
    assert "differs" in refused("sinh(a)/cosh(a) - tanh(a)", "a", lambda env, s: 1e-9)


def test_limits_that_rounding_spoils_are_passed_over() -> None:
    """1 - tanh(z)² near 0: at one of the points that are drawn here two differences of its
    logarithm are off by 7e-8."""
    text = "sum(log(vector(1) - tanh(A*x).^2))"
    found = gf.parse(text, shapes={"A": ("m", "n"), "x": ("n",)}).hessian("x")
    assert found.text == "2*A'*diag(tanh(A*x).^2 - ones(m))*A"

    def wrong(env: Environment, sizes: Sizes) -> Array:
        slope = 1 - np.tanh(env["A"] @ env["x"]) ** 2
        hessian: Array = -2 * env["A"].T @ (slope[:, :1] * env["A"])
        return (1 + 1e-6) * hessian

    assert "differs" in refused(text, "xx", wrong)


def test_no_warning_leaks() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check("sum(log(x))", "x", lambda env, s: 1 / env["x"].ravel())


# ------------------------------------------------------------ sizes and constraints


def test_size_conditions() -> None:
    def gradient(env: Environment, sizes: Sizes) -> Array:
        a = env["A"]
        return 2 * a @ np.linalg.inv(a.T @ a)

    certificate = check("logdet(A'*A)", "A", gradient, size_conditions=["m > n"])
    assert len(certificate.sizes) == 2
    assert all(sizes["m"] > sizes["n"] for sizes in certificate.sizes)
    with pytest.raises(InputError):
        check("logdet(A'*A)", "A", gradient, size_conditions=["m > > n"])


def test_a_derivative_too_large_to_check() -> None:
    with pytest.raises(CannotError, match="entries"):
        check("X*X", "XX", lambda env, s: 0, size_conditions=["n > 20"])


def _structured(structure: str, size: int, full: Array) -> Array:
    """The derivative by parameters, from that by independent entries, one by one."""
    result = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            for k in range(size):
                for q in range(size):
                    same = {
                        "symmetric": {i, j} == {k, q} and (i == j) == (k == q),
                        "diagonal": i == j == k == q,
                        "toeplitz": i - j == k - q,
                        "symmetric_toeplitz": abs(i - j) == abs(k - q),
                    }[structure]
                    result[i, j] += full[k, q] * same
    return result


@pytest.mark.parametrize("structure", ["symmetric", "diagonal", "toeplitz", "symmetric_toeplitz"])
def test_constraints(structure: str) -> None:
    def free(env: Environment, sizes: Sizes) -> Array:
        square, x, y = env["X"], env["x"], env["y"]
        return np.asarray(x @ (square @ y).T + square.T @ x @ y.T)

    def tied(env: Environment, sizes: Sizes) -> Array:
        return _structured(structure, sizes["n"], free(env, sizes))

    def shifted(env: Environment, sizes: Sizes) -> Array:
        result = tied(env, sizes)
        result[0, 1] += 1
        result[(1, 2) if structure == "toeplitz" else (1, 0)] -= 1
        return result

    text = "x'*X^2*y"
    assert check(text, "X", tied, constraint=structure)
    assert check(text, "X", free)
    assert refused(text, "X", free, constraint=structure)
    assert refused(text, "X", tied)
    assert "structure" in refused(text, "X", shifted, constraint=structure)


def test_a_constraint_ties_both_variables_of_a_hessian() -> None:
    def free(env: Environment, sizes: Sizes) -> Array:
        identity = np.eye(sizes["n"])
        return np.asarray(2 * np.einsum("jk,il->ijkl", identity, identity))

    def tied(env: Environment, sizes: Sizes) -> Array:
        n = sizes["n"]
        full = free(env, sizes)
        for axes in ((0, 1), (2, 3)):
            moved = np.moveaxis(full, axes, (0, 1)).reshape(n, n, -1)
            parts = [_structured("symmetric", n, moved[:, :, k]) for k in range(n * n)]
            full = np.moveaxis(np.stack(parts, axis=-1).reshape((n,) * 4), (0, 1), axes)
        return full

    assert check("tr(X^2)", "XX", tied, constraint="symmetric")
    assert refused("tr(X^2)", "XX", free, constraint="symmetric")


def test_constraints_leave_vectors_alone() -> None:
    assert check("x'*X*x", "x", quadratic, constraint="symmetric")


def test_unknown_constraints() -> None:
    with pytest.raises(StructureError):
        check("tr(X)", "X", lambda env, s: np.eye(s["n"]), constraint="lower_positive")


# ------------------------------------------------------------ the certificate


def test_text() -> None:
    certificate = check("(A*x-b)'*(A*x-b)", "x", least_squares)
    text = str(certificate)
    assert text.startswith("confirmed at 4 points, sizes m=3,n=4 and m=5,n=2; worst relative error")
    assert text.endswith("(complex step)")
    assert "sizes" not in str(check("a^2", "a", lambda env, s: 2 * env["a"][0, 0]))


def test_more_points() -> None:
    certificate = check("x'*x", "x", lambda env, s: 2 * env["x"].ravel(), points_per_size=5)
    assert certificate.points == 10


def test_same_seed_same_certificate() -> None:
    one, same = (check("(A*x-b)'*(A*x-b)", "x", least_squares, seed=4) for _ in range(2))
    assert one == same


def test_a_certificate_takes_few_calls() -> None:
    """Four points with two directions each: what a certificate costs beside its function."""
    found = formula("norm2(A*x-b)^2")

    def run() -> None:
        certify(found.program, found.shapes, found.variables, ["x"], {"formula": least_squares})

    run()
    assert calls_of(run) < 8 * 250


@pytest.mark.parametrize("source", ["step(gamma(x*y))", "sigmoid(huber(x, x))", "max(log(x), y)"])
def test_points_are_where_the_conditions_hold(source: str) -> None:
    """What is known of a function, such as Γ > 0, is known where its conditions hold."""
    found = gf.derivative(source, "x", shapes={"x": (), "y": ()})
    assert isinstance(found, gf.Derivative)
    assert found.certificate
