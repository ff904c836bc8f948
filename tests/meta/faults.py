"""Faults to inject: each spoils one fact, one rule or one pass, and names a question it spoils."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from importlib import import_module
from typing import Any
from weakref import WeakSet

import pytest

from gradform.derive import reading
from gradform.formula.tree import Formula, Mul, Program, Transpose
from gradform.functions import lookup
from gradform.functions.operators import inner, trace
from gradform.functions.record import Function
from gradform.ir import build, nodes
from gradform.ir.expr import Expr
from gradform.ir.nodes import Apply, Contraction, Node
from gradform.ir.structure import noted_symmetric

__all__ = ["FAULTS", "Fault", "forget", "undo"]

Install = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Fault:
    """What is spoilt, and a question whose answer must then be refused."""

    name: str
    install: Install
    expr: str
    wrt: str
    shapes: Mapping[str, tuple[str | int, ...]]
    assume: Mapping[str, str] = field(default_factory=dict)
    order: int = 1
    derivative_is_right: bool = False

    def __str__(self) -> str:
        return self.name

    def put_in(self, patch: pytest.MonkeyPatch) -> None:
        """Spoil it; what is remembered from before would hide it."""
        self.install(patch)
        forget()


def _fact(name: str, fact: str, value: Any) -> Install:
    """Another value for one field of a record."""

    def install(patch: pytest.MonkeyPatch) -> None:
        record = lookup(name)
        assert record is not None
        before = getattr(record, fact)
        object.__setattr__(record, fact, value)
        _spoilt.append((record, fact, before))

    return install


_spoilt: list[tuple[Function, str, Any]] = []
_noted: WeakSet[Node] = WeakSet()


def undo() -> None:
    """Give every spoilt record its facts back: records are immutable for a MonkeyPatch."""
    while _spoilt:
        object.__setattr__(*_spoilt.pop())
    forget()


def forget() -> None:
    """Nothing is remembered of any expression: it followed from records that were other ones.

    What was noted while expressions were built is found again, of parts before the whole; also
    what was noted before a fault that hid it.
    """
    reading.forget()
    known = nodes.known()
    _noted.update(node for node in known if noted_symmetric(node))
    for node in known:
        node.memo.clear()
    for node in known:
        if node in _noted:
            build.transpose(node)


def _fn(name: str) -> Function:
    record = lookup(name)
    assert record is not None
    return record


# ---------------------------------------------------------------- rules and passes


def _root_of_square_is_the_base(patch: pytest.MonkeyPatch) -> None:
    """√x² = x"""
    power = build.power

    def wrong(node: Node, exponent: Any) -> Node:
        squared = isinstance(node, Contraction) and len(node.factors) == 1
        if exponent == Fraction(1, 2) and squared and node.factors[0][2] == 2:  # type: ignore[attr-defined]
            return node.factors[0][0]  # type: ignore[attr-defined,no-any-return]
        return power(node, exponent)

    patch.setattr(build, "power", wrong)


def _inverse_keeps_the_order_of_factors(patch: pytest.MonkeyPatch) -> None:
    """(A B)⁻¹ = A⁻¹ B⁻¹"""

    def wrong(node: Node) -> Node:
        if not (isinstance(node, Apply) and node.fn.name == "inv"):
            return node
        product = node.args[0]
        if not (isinstance(product, Contraction) and len(product.factors) == 2):
            return node
        first, second = (factor for factor, _, _ in product.factors)
        return build.matmul(node.fn.apply(first), node.fn.apply(second))

    module = import_module("gradform.rewrite.simplify")
    named = module.named
    patch.setattr(module, "named", lambda node: wrong(named(node)))


def _written_without(change: Callable[[Program], Program]) -> Install:
    """The formula spoilt while it is written."""

    def install(patch: pytest.MonkeyPatch) -> None:
        module = import_module("gradform.derive.pipeline")
        write = module.written_formula

        def wrong(*args: Any, **kwargs: Any) -> Any:
            best, formula = write(*args, **kwargs)
            return best, None if formula is None else change(formula)

        patch.setattr(module, "written_formula", wrong)

    return install


def _transposed(program: Program) -> Program:
    return Program(program.definitions, Transpose(program.body))


def _without_transposes(program: Program) -> Program:
    def dropped(formula: Formula) -> Formula:
        match formula:
            case Transpose():
                return dropped(formula.operand)
            case Mul():
                return Mul(tuple(dropped(each) for each in formula.factors), formula.ops)
        return formula

    return Program(program.definitions, dropped(program.body))


def _half_written(program: Program) -> Program:
    """Only the first factor of a product."""
    body = program.body
    assert isinstance(body, Mul)
    return Program(program.definitions, body.factors[0])


def _code_doubles(output: str) -> Install:
    """The generated code is that of twice the derivative, or of twice the value."""

    def install(patch: pytest.MonkeyPatch) -> None:
        module = import_module("gradform.derive.checking")
        generate = module.generate

        def wrong(name: str, outputs: Any, *args: Any, **kwargs: Any) -> Any:
            spoilt = [
                (label, build.scale(2, node) if label == output else node, arrangement)
                for label, node, arrangement in outputs
            ]
            return generate(name, spoilt, *args, **kwargs)

        patch.setattr(module, "generate", wrong)

    return install


def _everything_is_symmetric(patch: pytest.MonkeyPatch) -> None:
    transpose = build.transpose

    def wrong(node: Node) -> Node:
        square = node.rank == 2 and node.axes[0] is node.axes[1]
        return node if square else transpose(node)

    patch.setattr(build, "transpose", wrong)


def _pulled_straight(args: tuple[Expr, ...], y: Expr, dargs: tuple[Expr, ...]) -> Expr:
    """-Y' dX Y': the transpose of the right differential."""
    return -(y.T @ dargs[0] @ y.T)


FAULTS = (
    Fault(
        "wrong slope",
        _fact("tanh", "partials", (lambda x, y: 1 - y,)),
        "sum(tanh(fa1))",
        "fa1",
        {"fa1": ("n",)},
    ),
    Fault(
        "wrong sign of a slope",
        _fact("cos", "partials", (lambda x, y: _fn("sin")(x),)),
        "cos(fa2)^2",
        "fa2",
        {"fa2": ()},
    ),
    Fault(
        "wrong on one branch only",
        _fact("abs", "partials", (lambda x, y: _fn("step")(x),)),
        "sum(abs(fa3))",
        "fa3",
        {"fa3": ("n",)},
    ),
    Fault(
        "slopes of two arguments exchanged",
        _fact(
            "maximum",
            "partials",
            (lambda x, y, z: _fn("step")(y - x), lambda x, y, z: _fn("step")(x - y)),
        ),
        "sum(maximum(fa4, fb4))",
        "fa4",
        {"fa4": ("n",), "fb4": ("n",)},
    ),
    Fault(
        "wrong second slope",
        _fact("sigmoid", "partials", (lambda x, y: y - y**3,)),
        "sum(softplus(fa5))",
        "fa5",
        {"fa5": ("n",)},
        order=2,
    ),
    Fault(
        "transposed differential of the inverse",
        _fact("inv", "differential", _pulled_straight),
        "fa6'*inv(FA6)*fb6",
        "FA6",
        {"fa6": ("n",), "FA6": ("n", "n"), "fb6": ("n",)},
    ),
    Fault(
        "transposed differential of the inverse, as a tensor",
        _fact("inv", "differential", _pulled_straight),
        "inv(FA7)*fb7",
        "FA7",
        {"FA7": ("n", "n"), "fb7": ("n",)},
    ),
    Fault(
        "differential of the determinant without the determinant",
        _fact("det", "differential", lambda args, y, d: trace(_fn("inv")(args[0]) @ d[0])),
        "det(FA8)",
        "FA8",
        {"FA8": ("n", "n")},
    ),
    Fault(
        "constant forgotten",
        _fact("erf", "partials", (lambda x, y: _fn("exp")(-(x**2)),)),
        "erf(fa9)",
        "fa9",
        {"fa9": ()},
    ),
    Fault(
        "wrong entry of the maximum",
        _fact("max", "differential", lambda args, y, d: inner(_fn("indmax")(-args[0]), d[0])),
        "max(fa10)",
        "fa10",
        {"fa10": ("n",)},
    ),
    Fault(
        "wrong spelling in NumPy",
        _fact("sinh", "spell", {"numpy": "np.cosh({0})"}),
        "sum(cosh(fa11))",
        "fa11",
        {"fa11": ("n",)},
    ),
    Fault(
        "wrong helper in the generated code",
        _fact("relu", "spell", {"numpy": "np.minimum({0}, 0)"}),
        "sum(relu(fa12).^2)",
        "fa12",
        {"fa12": ("n",)},
    ),
    Fault("wrong code", _code_doubles("derivative"), "fa13'*fa13", "fa13", {"fa13": ("n",)}),
    Fault(
        "wrong value",
        _code_doubles("value"),
        "fb13'*fb13",
        "fb13",
        {"fb13": ("n",)},
        derivative_is_right=True,
    ),
    Fault(
        "|x| = x",
        _fact("abs", "rewrite", Expr),
        "sum(abs(fa14).^3)",
        "fa14",
        {"fa14": ("n",)},
    ),
    Fault(
        "√x² = x",
        _root_of_square_is_the_base,
        "sum(sqrt(fa15.^2))",
        "fa15",
        {"fa15": ("n",)},
    ),
    Fault(
        "(AB)⁻¹ = A⁻¹B⁻¹",
        _inverse_keeps_the_order_of_factors,
        "fa16'*inv(FA16*FB16)*fb16",
        "fa16",
        {"fa16": ("n",), "FA16": ("n", "n"), "FB16": ("n", "n"), "fb16": ("n",)},
    ),
    Fault(
        "A' = A",
        _everything_is_symmetric,
        "FA17'*fa17",
        "fa17",
        {"fa17": ("n",), "FA17": ("n", "n")},
    ),
    Fault(
        "formula transposed while it is written",
        _written_without(_transposed),
        "FA18*fa18",
        "fa18",
        {"FA18": ("n", "n"), "fa18": ("n",)},
    ),
    Fault(
        "formula without its transposes",
        _written_without(_without_transposes),
        "fa19'*FA19*fb19",
        "FA19",
        {"fa19": ("n",), "FA19": ("n", "n"), "fb19": ("n",)},
    ),
    Fault(
        "formula without a factor",
        _written_without(_half_written),
        "norm2(FA20*fa20-fb20)^2",
        "fa20",
        {"FA20": ("m", "n"), "fa20": ("n",), "fb20": ("m",)},
    ),
    Fault(
        "function evaluated wrongly",
        _fact("sinh", "evaluate", lambda np, x: np.cosh(x)),
        "sinh(fa21)",
        "fa21",
        {"fa21": ()},
        derivative_is_right=True,  # only what it is compared with is spoilt
    ),
    Fault(
        "symmetry claimed of a function that does not keep it",
        _fact("tril", "build", lambda x: x.e),
        "fa22'*tril(FA22)*fa22",
        "FA22",
        {"fa22": ("n",), "FA22": ("n", "n")},
    ),
    Fault(
        "wrong parity",
        _fact("cos", "parity", "odd"),
        "cos(-fa23)",
        "fa23",
        {"fa23": ()},
    ),
    Fault(
        "wrong known value",
        _fact("cosh", "exact", {0: 0}),
        "fa24*cosh(0)",
        "fa24",
        {"fa24": ()},
    ),
    Fault(
        "product law that is not true",
        _fact("exp", "product_laws", (lambda node, p, other, q: [(node, p)],)),
        "sum(exp(fa25).*fa25)",
        "fa25",
        {"fa25": ("n",)},
    ),
)
