"""What generated code looks like: the forms that each kind of product takes."""

from __future__ import annotations

import ast
from fractions import Fraction

import pytest

from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.python.module import signature
from gradform.codegen.python.numpy import generate
from gradform.codegen.text.pieces import LINE_LENGTH
from gradform.ir import build
from gradform.ir.dims import dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node, sum_node
from tests.unit.codegen.codegen_cases import (
    body_of,
    check,
    function,
    m,
    matrix,
    n,
    p,
    scalar,
    source_of,
    symbols_of,
    variable,
    vector,
)

A, B, S = matrix("A", n, n), matrix("B", n, p), matrix("S", n, n, "symmetric")
X, W, Y = matrix("X", m, n), matrix("W", m, n), matrix("Y", n, m)
P = matrix("P", m, p)
x, u, y, z = vector("x", n), vector("u", n), vector("y", m), vector("z", p)
w = vector("w", n, "positive")
c, s = scalar("c"), scalar("s")
inv, exp, log, tanh = (function(name) for name in ("inv", "exp", "log", "tanh"))


def product(out: str, *factors: tuple[Expr | Node, str]) -> Expr:
    """``Σ Π factors`` with a letter for each label."""
    terms: list[build.Term] = [
        (f.node if isinstance(f, Expr) else f, labels, 1) for f, labels in factors
    ]
    carried = {label for _, labels in factors for label in labels}
    spread = {label: size for label, size in (("k", m), ("l", n)) if label not in carried}
    return Expr(build.contract(1, terms, tuple(out), {k: v for k, v in spread.items() if k in out}))


def inverse(of: Expr) -> Expr:
    return inv(of)


READABLE: dict[str, tuple[Expr, str]] = {
    "gradient of a form": ((A + A.T) @ x, "return (A + A.T) @ x"),
    "least squares": (2 * (X.T @ (X @ x - y)), "return 2 * (X.T @ (X @ x - y))"),
    "scalar factors": (c / s * A, "return c / s * A"),
    "division": (A / s, "return A / s"),
    "fractions": (x * Fraction(1, 3) - u * Fraction(1, 2), "return (2 * x - 3 * u) / 6"),
    "signs": (-(A @ x) - u, "return -u - A @ x"),
    "constants spread": (1 - x**2, "return 1 - x**2"),
    "powers": (x**3 / u, "return x**3 / u"),
    "root": ((u**2) ** Fraction(1, 2) * x, "return x * np.sqrt(u**2)"),
    "row scaling": (product("kj", (y, "k"), (X, "kj")), "return y[:, None] * X"),
    "column scaling": (product("kj", (x, "j"), (X, "kj")), "return X * x"),
    "outer": (product("ij", (c * x, "i"), (u, "j")), "return np.outer(c * x, u)"),
    "trace": (product("", (A, "ii")), "return float(np.trace(A))"),
    "trace of a product": (product("", (X, "ij"), (Y, "ji")), "return float(np.vdot(X, Y.T))"),
    "diagonal": (product("i", (A, "ii")), "return np.diagonal(A).copy()"),
    "row sums": (product("i", (A, "ij")), "return np.sum(A, axis=1)"),
    "row products": (product("i", (X, "ij"), (W, "ij")), "return np.sum(W * X, axis=1)"),
    "squares": (product("", (x**2, "i")), "return float(x @ x)"),
    "squares of a matrix": (product("", (X**2, "ij")), "return float(np.vdot(X, X))"),
    "three vectors": (
        product("", (x, "i"), (u, "i"), (tanh(x), "i")),
        "return float(x @ (u * np.tanh(x)))",
    ),
    "gram": (
        product("ij", (X, "ki"), (y, "k"), (X, "kj")),
        "return _symmetric_product(X, y[:, None] * X)",
    ),
    "gram with squared weights": (
        product("ij", (X, "ki"), (y**2, "k"), (X, "kj")),
        "return t0.T @ t0",
    ),
    "gram with positive weights": (
        product("ij", (X, "ik"), (w, "k"), (X, "jk")),
        "return t0 @ t0.T",
    ),
    "gram with a symmetric matrix": (
        product("ij", (B, "ki"), (S, "kl"), (B, "lj")),
        "return _symmetric_product(B, S @ B)",
    ),
    "gram of a tensor": (
        product("iajb", (X, "ki"), (P, "ka"), (X, "kj"), (P, "kb")),
        "return np.reshape(t0.T @ t0, (n, p, n, p))",
    ),
    "tensor": (
        product("kij", (X, "ki"), (W, "kj"), (B, "jl"), (z, "l")),
        "return X[:, :, None] * (W * (B @ z))[:, None, :]",
    ),
    "identity": (product("ij", (build.delta(n), "ij"), (c, "")), "return c * np.eye(n)"),
    "diagonal matrix": (product("ij", (build.delta(n), "ij"), (x, "j")), "return np.diag(x)"),
    "diagonal of a tensor": (
        product("ijk", (build.delta(n), "ik"), (A, "ij")),
        "return _diagonals(A, (0, 2))",
    ),
    "identity tensor": (
        product("ijkl", (build.delta(n), "ik"), (build.delta(m), "jl")),
        "return _diagonals(np.ones((n, m)), (0, 2), (1, 3))",
    ),
    "entry": (product("", (A, "ij"), (build.unit(n, dim(0)), "i"), (build.unit(n, dim(1)), "j")),
              "return float(A[0, 1])"),
    "row": (product("j", (A, "ij"), (build.unit(n, dim(2)), "i")), "return A[2].copy()"),
    "unit vector": (product("i", (c, ""), (build.unit(n, dim(1)), "i")), "return _embed(c, n, 1)"),
    "slice": (
        product("i", (build.select(n, dim(1), p), "ij"), (x, "j")),
        "return x[1 : p + 1].copy()",
    ),
    "padding": (
        product("j", (build.select(n, dim(0), p), "ij"), (z, "i")),
        "return _embed(z, n, 0)",
    ),
    "sums": (product("i", (build.lower(n), "ij"), (x, "j")), "return np.cumsum(x)"),
    "sums from the end": (
        product("jk", (build.lower(n), "ij"), (X, "ki")).T,
        "return np.flip(np.cumsum(np.flip(X, axis=1), axis=1), axis=1)",
    ),
    "triangle of a product": (
        product("ij", (build.lower(n), "ij"), (A, "ik"), (S, "kj")),
        "return np.tril(A @ S)",
    ),
    "running sums inside a product": (
        product("", (build.lower(n), "ij"), (A, "ik"), (S, "kj")),
        "return float(np.vdot(S, t0))",
    ),
    "row division": (product("ij", (A, "ij"), (w**-2, "i")), "return A / (w**2)[:, None]"),
    "divisions": (product("ij", (A, "ij"), (w**-2, "i"), (z.sum() ** -1, "")),
                  "return A / (np.sum(z) * (w**2)[:, None])"),
    "triangle": (product("ij", (build.lower(n), "ij"), (A, "ij")), "return np.tril(A)"),
    "upper triangle": (product("ij", (build.lower(n), "ji"), (A, "ij")), "return np.triu(A)"),
    "vec": (
        product("I", (build.flatten_leaf(n, m), "Iji"), (X, "ij")),
        "return np.reshape(X.T, m * n).copy()",
    ),
    "kron": (
        product("IJ", (build.flatten_leaf(m, n), "Iia"), (build.flatten_leaf(n, p), "Jjb"),
                (X, "ij"), (B, "ab")),
        "return np.kron(X, B)",
    ),
    "solve": (inverse(A) @ x, "return np.linalg.solve(A, x)"),
    "solve from the left": (inverse(A).T @ x, "return np.linalg.solve(A.T, x)"),
    "solve from the right": (X @ inverse(A), "return np.linalg.solve(A.T, X.T).T"),
    "solve in the middle": (X @ inverse(S) @ X.T, "return X @ np.linalg.solve(S, X.T)"),
    "sum of an inverse": (
        product("", (inverse(A), "ij")),
        "return float(np.sum(np.linalg.solve(A, np.ones(n))))",
    ),
    "trace of a solution": (
        product("", (inverse(A), "ij"), (S, "ij")),
        "return float(np.trace(np.linalg.solve(A, S)))",
    ),
    "inverse": (inverse(A).T, "return np.linalg.inv(A).T"),
    "ones": (product("kl", (c, "")), "return np.full((m, n), c, dtype=float)"),
    "mean": (x.sum() / Expr(build.size_of(n)), "return float(np.sum(x) / n)"),
    "pi": (Expr(build.pi()) * c, "return float(c * np.pi)"),
    "zero": (Expr(build.zero((n, n))), "return np.zeros((n, n))"),
    "number": (Expr(build.constant(Fraction(1, 3))), "return float(1 / 3)"),
    "whole number": (Expr(build.constant(-2)), "return -2.0"),
    "variable": (x, "return x.copy()"),
}  # fmt: skip


@pytest.mark.parametrize("case", READABLE)
def test_form(case: str) -> None:
    expression, expected = READABLE[case]
    code = body_of(expression)
    assert code.strip().split("\n")[-1] == expected, code
    check(expression)


def test_a_quadratic_form_and_its_gradient_share_what_they_can() -> None:
    difference = x - u
    solution = inverse(S) @ difference
    value = Expr(build.contract(1, [(difference.node, "i", 1), (solution.node, "i", 1)], ""))
    code = body_of(value, 2 * solution)
    assert code.count("np.linalg.solve") == 1
    check(value, 2 * solution)


def test_products_reuse_what_earlier_products_computed() -> None:
    form = product("", (x, "i"), (A, "ij"), (x, "j"))
    larger = product("", (u, "i"), (S, "ij"), (A, "jk"), (x, "k"))
    assert body_of(form, larger).count("A @ x") == 1
    check(form, larger)


def test_symmetric_matrices_are_not_transposed() -> None:
    assert ".T" not in body_of(product("ik", (S, "ji"), (B, "jk")))


def test_subexpressions_are_shared_across_outputs() -> None:
    t = tanh(A @ x)
    code = body_of(t, 1 - t**2)
    assert code.count("np.tanh") == 1
    check(t, 1 - t**2)


def test_a_value_that_occurs_twice_in_a_template_gets_a_name() -> None:
    template = "np.where({0} > 0, {0}, 0.0)"
    record = type(tanh)(name="ramp", elementwise=True, spell={"numpy": template})
    code = body_of(Expr(build.apply(record, (A @ x).node)))
    assert code == "t0 = A @ x\nreturn np.where(t0 > 0, t0, 0.0)"


def test_templates_get_the_brackets_they_need() -> None:
    record = type(tanh)(name="shift", elementwise=True, spell={"numpy": "{0} + 1"})
    shifted = Expr(build.apply(record, (x * u).node))
    assert body_of(2 * shifted) == "return 2 * ((u * x) + 1)"


def test_helpers_of_records_are_written_once() -> None:
    sigmoid = function("sigmoid")
    source = source_of(sigmoid(x), sigmoid(u))
    assert source.count("def sigmoid(") == 1
    check(sigmoid(x), sigmoid(u))


def test_scipy_is_imported_when_it_is_used() -> None:
    assert "scipy" not in source_of(x)
    assert "from scipy import special" in source_of(function("erf")(x))
    assert "from scipy import linalg" in source_of(
        Expr(build.apply(function("expm"), A.node, axes=(n, n)))
    )


def test_a_function_without_numpy_form_is_refused() -> None:
    record = type(tanh)(name="mystery", elementwise=True)
    with pytest.raises(Exception, match="'mystery' has no NumPy form"):
        source_of(Expr(build.apply(record, x.node)))


def test_long_lines_are_broken() -> None:
    terms = [vector(f"a_rather_long_name_{k}", n) for k in range(40)]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    source = source_of(total)
    assert max(map(len, source.split("\n"))) <= 100
    check(total)


def test_very_long_sums_and_products_compile() -> None:
    names = [vector(f"v{k}", n, "positive").node for k in range(3000)]
    check(Expr(build.linear_combination([(1, node) for node in names], (n,))))
    check(Expr(build.contract(1, [(node, "i", 1) for node in names[:25]], "i")))


def test_deep_expressions_do_not_recurse() -> None:
    deep = x
    for _ in range(5000):
        deep = tanh(deep + x)
    ast.parse(source_of(deep))


def test_code_is_deterministic() -> None:
    expression = product("ij", (X, "ki"), (y, "k"), (X, "kj")) + A @ S - c * A
    assert source_of(expression) == source_of(expression)


def test_outputs_share_no_memory() -> None:
    source = source_of(A, A.T, A @ S, (A @ S).T)
    assert source.count(".copy()") == 3


def arranged(expression: Expr, how: Arrangement) -> str:
    outputs = [("g", expression.node, how)]
    variables = [variable(node) for node in symbols_of([expression.node])]
    return generate("f", outputs, variables, docstring="").split("\n")[-2].strip()


def test_arrangements() -> None:
    assert arranged(A @ x, Arrangement((0,), (dim(1), n))) == "return np.reshape(A @ x, (1, n))"
    assert arranged(A @ S, Arrangement((1, 0))) == "return S @ A.T"
    scaled = product("ij", (x, "i"), (A, "ij"))
    assert arranged(scaled, Arrangement((1, 0))) == "return A.T * x"
    columns = Arrangement((1, 0), (n * m,))
    assert arranged(X, columns) == "return np.reshape(X.T, m * n).copy()"
    assert (
        arranged(c * s, Arrangement((), (dim(1), dim(1))))
        == "return np.full((1, 1), c * s, dtype=float)"
    )
    assert Arrangement.neutral(2) == Arrangement((0, 1))


def test_terms_that_turn_out_equal_are_one() -> None:
    """Nodes are not always in one form for one value; the program finds the value."""
    once = product("ij", (build.lower(n), "ij"), (A, "ij")).node
    minus = build.scale(-1, once)
    check(Expr(sum_node(((2, once), (1, minus), (3, A.node)))))
    check(Expr(sum_node(((1, once), (1, minus)))))


@pytest.mark.parametrize("length", range(70, 116))
def test_headers_of_any_length_are_python(length: int) -> None:
    parameters = ", ".join(f"x{k}" for k in range(10, 40))[:length].rstrip(", x")
    lines = signature("value", parameters)
    assert max(map(len, lines)) <= LINE_LENGTH
    compile("\n".join([*lines, "    pass"]), "header", "exec")
