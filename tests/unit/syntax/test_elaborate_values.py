"""The expression has the value of the formula, which a second interpreter reads off the tree."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gradform.ir.nodes import Apply, topological
from gradform.syntax.elaborate import Elaborated, Variable, elaborate
from gradform.syntax.parser import parse_formula
from gradform.verify.interpreter import evaluate
from tests.support.ir_eval import evaluate_node

_SIZES = {"n": 3, "m": 4, "k": 2}
_DECLARED: Mapping[str, Sequence[str | int]] = {
    "a": (),
    "b": (),
    "x": ("n",),
    "y": ("n",),
    "z": ("m",),
    "r": (1, "n"),
    "v": (2,),
    "q": ("2*n-1",),
    "A": ("n", "n"),
    "X": ("m", "n"),
    "Y": ("m", "n"),
}


def check(text: str, **options: Any) -> Elaborated:
    """Compare both values of a formula at a random point."""
    answer = elaborate(parse_formula(text), **{"declared": _DECLARED, **options})
    random = np.random.default_rng(zlib.crc32(text.encode()))
    env = {
        name: random.uniform(0.5, 1.5, [size.evaluate(_SIZES) for size in variable.shape])
        for name, variable in answer.variables.items()
    }
    for name, variable in answer.variables.items():
        if "symmetric" in variable.structure:
            env[name] = env[name] + env[name].T
    expected = evaluate(answer.program, env, _SIZES, answer.shapes)
    tensors = {name: _without_ones(array, answer.variables[name]) for name, array in env.items()}
    found = evaluate_node(answer.value.node, tensors, _SIZES)
    shape = answer.value.shape
    assert answer.value.node.axes == shape.axes
    assert expected.shape == tuple(size.evaluate(_SIZES) for size in shape)
    scale = float(np.max(np.abs(expected), initial=1.0))
    found = found.reshape(expected.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11 * scale)
    return answer


def _without_ones(array: NDArray[Any], variable: Variable) -> NDArray[Any]:
    return array.reshape([size.evaluate(_SIZES) for size in variable.symbol.axes])


@pytest.mark.parametrize(
    "text",
    [
        # products of rows, columns, matrices and scalars
        "x'*y",
        "x*y'",
        "r*x",
        "x*r",
        "r'*x'",
        "r*A",
        "A*r'",
        "x'*A*y",
        "x'*A",
        "A*x*y'*A",
        "A*A'*x",
        "X'*X",
        "X*x*a",
        "a*b*x",
        "x'*x*y",
        "y*(x'*x)",
        "y*x'*x",
        "a*X*b*A/2",
        "X'*z*r*A",
        "2*a",
        # entry by entry
        "x.*y",
        "x'.*y'.*a",
        "X.*Y./X",
        "a.*X",
        "a./X",
        "X./a",
        "x*y'.*A",
        "A.*A'",
        "x.*y.*(A*x)./y",
        "X.*Y*A",
        # sums
        "x - y + A*x",
        "x' + r",
        "-x - -y",
        "a - b + 3",
        "A + A' - eye",
        "A - 2*eye(n) + ones(n,n)",
        "X + matrix(a)",
        "x + vector(2)",
        "x' - vector(b)'",
        "A - A",
        # powers
        "a^2",
        "a^-3",
        "a^0.5",
        "a^b",
        "2^a",
        "a^(1/3)",
        "x.^2",
        "x.^-1",
        "x.^a",
        "2.^x",
        "a.^x",
        "x.^y",
        "X.^Y",
        "(x').^(y')",
        "2.^(ones(n))",
        "A^0",
        "A^1",
        "A^3",
        "A^-1",
        "A^-2*x",
        "A'^2",
        "(x*y')^2",
        "a^n",
        # dimensions and constants
        "X'*X/m",
        "(n-1)*x",
        "n*m",
        "pi*x",
        "ones(m)'*X",
        "zeros(m,n) + X",
        "ones(2*n-1)'*q",
        # entries and slices
        "x(2)",
        "x(n)",
        "x(n-1)*x",
        "r(2)",
        "x(2:n)",
        "r(1:2)",
        "x(1:n)",
        "x(2:2)",
        "x(:)",
        "q(n:2*n-1)",
        "X(2,3)",
        "X(m,n)",
        "X(1,:)",
        "X(:,2)",
        "X(2:m,:)",
        "X(2:3,1:2)",
        "X(1,2:n)",
        "X(:,:)",
        "A(:,1)*A(1,:)",
        "v(1)/v(2)",
        "u = A*x; u(2) + u(1:2)'*v",
        "u = x'; u(2)",
        # blocks
        "[x; z]",
        "[x, y]",
        "[r; x'; y']",
        "[a, r]",
        "[a; x; b]",
        "[A, x; r, a]",
        "[1, 2; 3, 4]*v",
        "[X; A]",
        "[x]",
        "[x; 1]'*[y; 2]",
        "[A, A'; eye(n), zeros(n,n)]",
        # functions
        "sum(X,1)",
        "sum(X,2)",
        "sum(ones(n))",
        "sum(ones(m,n),2)",
        "mean(x + vector(1))",
        "mean(x)",
        "softmax(X,2)*x",
        "tanh(A*x)'",
        "kron(x,y)",
        "kron(A,X)",
        "vec(X*A)",
        "diag(x)*A*diag(A)",
        "solve(A,x)",
        "inv(A)*x",
        "log(det(A*A'))",
        "outer(x,z)",
        "dot(x,y)",
        "cumsum(X,1)",
        "norm2(X)",
        "max(x) + min(y)",
        "trace(A)",
        "polygamma(2,x)",
        "huber(x)",
        "unit(n,2)",
        # signs, transposes, names
        "--a",
        "+x'*+A*-x",
        "x''",
        "a'",
        "(a*x')'",
        "u = A*x - y; w = u'*u; w*u + w*x",
    ],
)
def test_values(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", ["eig(A)", "lambda_max(A)", "x'*A'*x", "inv(A)'", "A' + A"])
@pytest.mark.parametrize("plain", [(), ("A",)])
def test_values_with_symmetric_matrices(text: str, plain: Sequence[str]) -> None:
    check(text, assume={"A": "symmetric"}, plain=plain)


@pytest.mark.parametrize(
    "text", ["x'*A*y", "tanh(X*w - y)", "[x; y]'*z", "x(2:n)'*y + sum(x)", "(A*B)'*x + c*y"]
)
def test_values_with_inferred_shapes(text: str) -> None:
    answer = elaborate(parse_formula(text), declared=None)
    shapes = {name: each.shape for name, each in answer.variables.items()}
    names = {name for shape in shapes.values() for size in shape for name in size.names}
    sizes = {"m": 5, "n": 3, "k": 4}
    assert names <= sizes.keys()
    declared = {name: tuple(map(str, shape)) for name, shape in shapes.items()}
    again = elaborate(
        parse_formula(text),
        declared={n: [int(d) if d == "1" else d for d in s] for n, s in declared.items()},
    )
    assert again.value == answer.value


def test_long_products_are_cut() -> None:
    check("*".join(["A"] * 37) + "*x")
    check(".*".join(["x", "y"] * 20))
    check("x" + "/b" * 40)


# ---------------------------------------------------------------- recorded formulas


def _identities() -> list[dict[str, Any]]:
    root = Path(__file__).parents[3]
    for folder in (root / "tests" / "data", root.parent / "shared" / "data"):
        if (folder / "identities.json").exists():
            rows = json.loads((folder / "identities.json").read_text(encoding="utf-8"))
            return list(rows)
    return []


@pytest.mark.skipif(not _identities(), reason="the recorded formulas are not here")
def test_recorded_formulas_have_their_shapes() -> None:
    rows = _identities()
    for row in rows:
        answer = elaborate(
            parse_formula(row["expr"]),
            declared={name: facts["shape"] for name, facts in row["vars"].items()},
            assume={
                name: facts["structure"]
                for name, facts in row["vars"].items()
                if "structure" in facts
            },
            plain={row["wrt"]},
        )
        assert [str(axis) for axis in answer.value.node.axes] == row["out_shape"], row["id"]
        assert answer.value.node.axes == answer.value.shape.axes
    assert len(rows) >= 400


# ---------------------------------------------------------------- random formulas

_LEAVES = {
    "scalar": ["a", "b", "2", "0.5", "x(1)", "X(2,n)", "v(2)", "n"],
    "column": ["x", "y", "r'", "ones(n)", "X(1,:)'", "A(:,2)"],
    "row": ["x'", "r", "A(2,:)"],
    "long": ["z", "ones(m)", "X(:,1)"],
    "square": ["A", "A'", "eye(n)"],
    "tall": ["X", "Y", "ones(m,n)"],
}

_RULES = {
    "scalar": [
        "({row})*({column})",
        "sum({tall})",
        "tr({square})",
        "({scalar})*({scalar})",
        "({scalar})+({scalar})",
        "({scalar})/(2+({scalar})^2)",
        "tanh({scalar})",
        "mean({column})",
        "({column})'*({square})*({column})",
        "norm2({long})",
    ],
    "column": [
        "({square})*({column})",
        "({tall})'*({long})",
        "({column})-({column})",
        "({column}).*({column})",
        "({scalar})*({column})",
        "({row})'",
        "sin({column})",
        "({column}).^2",
        "({square})*({column})*({row})*({column})",
        "diag({square})",
        "({column})/(1+({scalar})^2)",
        "({column})+vector({scalar})",
    ],
    "row": ["({column})'", "({row})*({square})", "sum({tall},1)", "({row})+({row})"],
    "long": ["({tall})*({column})", "({long}).*({long})", "sum({tall},2)", "({scalar}).*({long})"],
    "square": [
        "({column})*({row})",
        "({square})*({square})",
        "({tall})'*({tall})",
        "({square})+({square})'",
        "({square}).*({square})",
        "diag({column})",
        "({square})^2",
        "({square})-({scalar})*eye",
        "cos({square})",
    ],
    "tall": [
        "({tall})*({square})",
        "({long})*({row})",
        "({tall})-({tall})",
        "({tall}).*({tall})",
        "({scalar})*({tall})",
        "exp(-({tall}).^2)",
        "({tall})./(matrix(1)+({tall}).^2)",
    ],
}


@st.composite
def formulas(draw: st.DrawFn, sort: str, depth: int) -> str:
    """The text of a well-typed formula of a sort."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(_LEAVES[sort]))
    rule = draw(st.sampled_from(_RULES[sort]))
    pieces = rule.replace("}", "{").split("{")
    pieces[1::2] = [draw(formulas(inner, depth - 1)) for inner in pieces[1::2]]
    return "".join(pieces)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_random_formulas(data: st.DataObject) -> None:
    sort = data.draw(st.sampled_from(sorted(_RULES)))
    check(data.draw(formulas(sort, 3)))


def test_applications_are_shared() -> None:
    answer = check("u = tanh(A*x); u'*u + sum(u)")
    applied = [node for node in topological(answer.value.node) if isinstance(node, Apply)]
    assert len(applied) == 1
