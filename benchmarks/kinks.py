"""Slopes at kinks: the exact set beside what JAX, PyTorch and SymPy answer.

    python -m benchmarks.kinks [--write docs/kinks.md]

Needs jax, torch and sympy. A library is right where its number lies in the set, or where it
says that there is no derivative.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import gradform as gf
from gradform.formula.tree import Add, Call, Compare, Formula, Mul, Name, Neg, Number, Power, fold
from gradform.nonsmooth.line.question import parse_number
from gradform.syntax.parser import parse_formula

jax: Any = import_module("jax")
jnp: Any = import_module("jax.numpy")
sympy: Any = import_module("sympy")
torch: Any = import_module("torch")

CASES: tuple[tuple[str, str], ...] = (
    ("abs(x)", "0"),
    ("relu(x)", "0"),
    ("relu(x) - relu(-x)", "0"),
    ("relu(-x) + x", "0"),
    ("relu(relu(-x) + x) - relu(x)", "0"),
    ("abs(x) - relu(x)", "0"),
    ("max(x, 0) - min(x, 0)", "0"),
    ("max(x, 0) + min(x, 0)", "0"),
    ("abs(x) + x^2 - max(x, -x)", "0"),
    ("max(x, x)", "0"),
    ("max(x, -x, 2*x)", "0"),
    ("max(max(x, -x), 0)", "0"),
    ("max(0, max(x, 2*x))", "0"),
    ("max(x^2, x)", "0"),
    ("max(x^2, x)", "1"),
    ("max(x, -x, x^2 - 1)", "(1+sqrt(5))/2"),
    ("max(exp(x), x + 2)", "-2-LambertW(-exp(-2))"),
    ("max(exp(x), 1 + x)", "0"),
    ("abs(x)^2", "0"),
    ("abs(x)^3", "0"),
    ("sqrt(x^2)", "0"),
    ("sqrt(x^2)^2", "0"),
    ("x*abs(x)", "0"),
    ("abs(sin(x))", "0"),
    ("abs(x - 1) + abs(x + 1)", "1"),
    ("abs(x - 1) + abs(x + 1)", "0"),
    ("abs(abs(x) - 1)", "1"),
    ("relu(abs(x) - 1)", "1"),
    ("hinge(x)", "1"),
    ("pinball(x, 1/4)", "0"),
    ("huber(x, 1)", "1"),
    ("exp(abs(x))", "0"),
    ("log(1 + abs(x))", "0"),
    ("exp(abs(x)) - abs(x)", "0"),
    ("cosh(x) + abs(sinh(x))", "0"),
    ("abs(x) + log(1 + exp(-2*abs(x)))", "0"),
    ("max(x, 0) + log(1 + exp(-abs(x)))", "0"),
    ("piecewise(x > 0, x, 0)", "0"),
    ("piecewise(x >= 0, x^2, -x^2)", "0"),
    ("piecewise(x <= 0, 0, x <= 1, x^2/2, x - 1/2)", "1"),
    ("piecewise(x == 0, 0, x*log(abs(x)))", "1"),
    ("x^2/2 + max(0, 1 - x)", "1"),
    ("(x - 1)^2/2 + abs(x)", "0"),
    ("min(max(x, 0), 1)", "0"),
    ("max(min(x, 1), -1)", "1"),
    ("x*relu(x)", "0"),
    ("sqrt(abs(x))", "0"),
    ("abs(x)^(3/2)", "0"),
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.kinks")
    parser.add_argument("--write", type=Path, help="file that gets the table")
    options = parser.parse_args(arguments)
    rows = [_row(source, point) for source, point in CASES]
    table = _table(rows)
    print(table)
    if options.write:
        options.write.write_text(_PREFACE + table + "\n")
    return 0


def _row(source: str, point: str) -> list[str]:
    at = float(parse_number(point))
    found = gf.subdifferential(source, at=point)
    sides = (found.left, found.right)
    answers = {
        "JAX": _tried(lambda: _jax_slope(source, at)),
        "PyTorch": _tried(lambda: _torch_slope(source, at)),
        "SymPy": _tried(lambda: _sympy_slope(source, point)),
    }
    shown = found.text if found.status == "EXACT" else f"{found.convexity.label}; {_sides(sides)}"
    marks = [f"{answer} {_mark(answer, found, sides)}" for answer in answers.values()]
    return [f"`{source}`", f"`{point}`", shown, *marks]


def _sides(sides: tuple[Any, Any]) -> str:
    return f"left {sides[0].text}, right {sides[1].text}"


def _tried(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except Exception as error:  # a peer's own error is its answer
        return type(error).__name__


def _mark(answer: str, found: Any, sides: tuple[Any, Any]) -> str:
    """✓ for an element of the set, or for saying that there is no derivative."""
    try:
        value = float(answer)
    except ValueError:
        return "(no answer)"
    if value != value:
        return "✗"
    if found.status == "EXACT":
        if found.is_empty:
            return "✗"
        low, high = map(float, found.bounds)
        return "✓" if low - 1e-6 <= value <= high + 1e-6 else "✗"
    ends = sorted(map(float, sides))
    return "✓" if ends[0] - 1e-6 <= value <= ends[1] + 1e-6 else "✗"


# ---------------------------------------------------------------- the others


def _evaluated(
    source: str,
    names: Mapping[str, Any],
    functions: Mapping[str, Any],
    number: Callable[[Any], Any] = float,
) -> Any:
    """The formula with a library's own functions."""

    def visit(node: Formula, below: list[Any]) -> Any:
        match node:
            case Number():
                return number(node.value)
            case Name():
                return names[node.name]
            case Neg():
                return -below[0]
            case Add():
                total = below[0]
                for sign, term in zip(node.signs[1:], below[1:], strict=True):
                    total = total + term if sign > 0 else total - term
                return total
            case Mul():
                result = below[0]
                for op, factor in zip(node.ops[1:], below[1:], strict=True):
                    result = result * factor if op == "*" else result / factor
                return result
            case Power():
                whole = isinstance(below[1], float) and below[1].is_integer()
                return below[0] ** (int(below[1]) if whole else below[1])
            case Compare():
                return functions["compare"](node.operator, *below)
            case Call():
                return functions[node.name](*below)
        raise AssertionError(node)

    return fold(parse_formula(source).body, visit)


def _composites(where: Any, maximum: Any, minimum: Any, absolute: Any) -> dict[str, Any]:
    """Functions as people write them with a library's primitives."""

    def folded(two: Any) -> Any:
        def many(*values: Any) -> Any:
            result = values[0]
            for value in values[1:]:
                result = two(result, value)
            return result

        return many

    def cases(*args: Any) -> Any:
        result = args[-1]
        for test, value in zip(args[-3::-2], args[-2::-2], strict=True):
            result = where(test, value, result)
        return result

    return {
        "max": folded(maximum),
        "min": folded(minimum),
        "hinge": lambda z: maximum(0.0, 1 - z),
        "pinball": lambda z, tau: maximum(tau * z, (tau - 1) * z),
        "huber": lambda z, d: where(absolute(z) <= d, z**2 / 2, d * (absolute(z) - d / 2)),
        "abs": absolute,
        "piecewise": cases,
        "compare": _compared,
    }


def _compared(operator: str, left: Any, right: Any) -> Any:
    return {
        "<": lambda: left < right,
        "<=": lambda: left <= right,
        ">": lambda: left > right,
        ">=": lambda: left >= right,
        "==": lambda: left == right,
        "!=": lambda: left != right,
    }[operator]()


def _jax_slope(source: str, at: float) -> str:
    jax.config.update("jax_enable_x64", True)
    names = ("exp", "log", "sqrt", "sin", "cosh", "sinh")
    functions = {
        **{name: getattr(jnp, name) for name in names},
        **_composites(jnp.where, jnp.maximum, jnp.minimum, jnp.abs),
        "relu": jax.nn.relu,
    }
    return f"{float(jax.grad(lambda x: _evaluated(source, {'x': x}, functions))(at)):.6g}"


def _torch_slope(source: str, at: float) -> str:
    def tensor(value: Any) -> Any:
        return value if isinstance(value, torch.Tensor) else torch.tensor(float(value)).double()

    def two(function: Any) -> Any:
        return lambda a, b: function(tensor(a), tensor(b))

    def where(test: Any, a: Any, b: Any) -> Any:
        return torch.where(test, tensor(a), tensor(b))

    names = ("exp", "log", "sqrt", "sin", "cosh", "sinh")
    functions = {
        **{name: getattr(torch, name) for name in names},
        **_composites(where, two(torch.maximum), two(torch.minimum), torch.abs),
        "relu": torch.relu,
    }
    x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    value = tensor(_evaluated(source, {"x": x}, functions))
    return f"{float(torch.autograd.grad(value, x)[0]):.6g}"


def _sympy_slope(source: str, point: str) -> str:
    x = sympy.Symbol("x", real=True)
    place = sympy.nsimplify(in_sympy(point, {}))
    slope = sympy.diff(in_sympy(source, {"x": x}), x).subs(x, place)
    return f"{float(slope):.6g}"


def in_sympy(source: str, names: Mapping[str, Any]) -> Any:
    """The formula as an expression of SymPy."""

    def cases(*args: Any) -> Any:
        pairs = [(value, test) for test, value in zip(args[:-1:2], args[1:-1:2], strict=True)]
        return sympy.Piecewise(*pairs, (args[-1], True))

    elementary = ("exp", "log", "sqrt", "sin", "cos", "cosh", "sinh", "gamma", "floor", "LambertW")
    functions = {
        **{name: getattr(sympy, name) for name in elementary},
        "abs": sympy.Abs,
        "max": sympy.Max,
        "min": sympy.Min,
        "relu": lambda z: sympy.Max(z, 0),
        "hinge": lambda z: sympy.Max(0, 1 - z),
        "softplus": lambda z: sympy.log(1 + sympy.exp(z)),
        "xlogx": lambda z: z * sympy.log(z),
        "pinball": lambda z, tau: sympy.Max(tau * z, (tau - 1) * z),
        "huber": lambda z, d: sympy.Piecewise(
            (z**2 / 2, sympy.Abs(z) <= d), (d * (sympy.Abs(z) - d / 2), True)
        ),
        "piecewise": cases,
        "compare": _sympy_compared,
    }
    constants = {"pi": sympy.pi, "inf": sympy.oo, "EulerGamma": sympy.EulerGamma}
    return _evaluated(source, {**constants, **names}, functions, sympy.Rational)


def in_cvxpy(source: str) -> Any:
    """The formula as an expression of CVXPY, with its own atoms."""
    cp: Any = import_module("cvxpy")
    functions = {
        "exp": cp.exp,
        "log": cp.log,
        "sqrt": cp.sqrt,
        "abs": cp.abs,
        "max": cp.maximum,
        "min": cp.minimum,
        "relu": cp.pos,
        "hinge": lambda z: cp.pos(1 - z),
        "softplus": cp.logistic,
        "xlogx": lambda z: -cp.entr(z),
        "huber": lambda z, d: cp.huber(z, d) / 2,
        "pinball": lambda z, tau: cp.maximum(tau * z, (tau - 1) * z),
    }
    found = _evaluated(source, {"x": cp.Variable()}, functions)
    return found if isinstance(found, cp.Expression) else cp.Constant(found)


def _sympy_compared(operator: str, left: Any, right: Any) -> Any:
    relations = {"==": sympy.Eq, "!=": sympy.Ne}
    if operator in relations:
        return relations[operator](left, right)
    return _compared(operator, left, right)


# ---------------------------------------------------------------- the table

_PREFACE = """\
# Kinks

What a derivative is asked for at a point where there is none. The set is exact; beside it the one
number that automatic differentiation gives, and what a computer algebra system gives. ✓: the
number is an element of the set (for functions that are not convex: it lies between the
one-sided derivatives).

Made by `python -m benchmarks.kinks --write docs/kinks.md`.

"""


def _table(rows: list[list[str]]) -> str:
    head = ["function", "at", "subdifferential", "JAX", "PyTorch", "SymPy"]
    lines = [head, ["---"] * len(head), *rows]
    wrong = {
        name: sum("✓" not in row[k] for row in rows)
        for k, name in ((3, "JAX"), (4, "PyTorch"), (5, "SymPy"))
    }
    told = ", ".join(f"{name} {count}" for name, count in wrong.items())
    body = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{body}\n\nWrong or unanswered of {len(rows)}: {told}."


if __name__ == "__main__":
    sys.exit(main())
