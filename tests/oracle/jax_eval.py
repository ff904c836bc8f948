"""The value of a formula tree with NumPy or JAX, and its derivative by JAX.

Independent of gradform's expressions, calculus and interpreters: of the package only the
tree's node types and the parameter kinds of the records are used. Every value is a 2-D
array, as it is written: a scalar is 1×1, a column (n, 1), a row (1, n).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import Any, TypeAlias

import jax
import numpy as np
from numpy.typing import NDArray

from gradform.formula.tree import (
    Add,
    Call,
    Compare,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Program,
    Slice,
    Stack,
    Transpose,
    fold,
)
from gradform.functions import lookup
from tests.oracle.backends import Backend, NumpyBackend, jax_backend
from tests.oracle.functions import TABLE, integer_power
from tests.oracle.traced import run
from tests.oracle.unknown import differentiable

__all__ = ["Array", "Extents", "derivative", "evaluate", "is_good_point"]

Array: TypeAlias = NDArray[Any]
Extents: TypeAlias = Mapping[int, tuple[int, int]]

_LARGEST_VALUE = 1e6
_NEAR = 1e-3
_NUMBERS = {"pi": np.pi, "EulerGamma": np.euler_gamma, "inf": np.inf}
_COMPARE = {"<": lt, "<=": le, "==": eq, "!=": ne, ">=": ge, ">": gt}


def evaluate(
    program: Program,
    env: Mapping[str, Any],
    sizes: Mapping[str, int],
    extents: Extents,
    backend: Backend | None = None,
) -> Any:
    """The value at a point.

    ``extents`` gives rows and columns of constants without a size, ``eye`` and
    ``vector(c)``, by the ``id`` of the tree node.
    """
    return _Evaluator(env, sizes, extents, backend or NumpyBackend()).program(program)


def is_good_point(
    program: Program,
    env: Mapping[str, Array],
    sizes: Mapping[str, int],
    extents: Extents,
    wrt: Sequence[str],
) -> bool:
    """Whether the function is finite, smooth and of moderate size at this point."""
    backend = NumpyBackend()
    evaluator = _Screen(env, sizes, extents, backend, _dependent(program, set(wrt)))
    with np.errstate(all="ignore"):
        try:
            evaluator.program(program)
        except np.linalg.LinAlgError:
            return False
    return backend.smooth and backend.defined and evaluator.beside.defined


def derivative(
    program: Program,
    env: Mapping[str, Array],
    sizes: Mapping[str, int],
    extents: Extents,
    wrt: Sequence[str],
    *,
    reverse: bool = False,
) -> Array:
    """The derivative by each variable in turn, with all axes kept: (rows, columns) of the
    value, then of each variable."""
    backend = jax_backend()

    def value(*variables: Any) -> Any:
        inside = {**env, **dict(zip(names, variables, strict=True))}
        return _Traced(inside, sizes, extents, backend, dependent).program(program)

    names = list(dict.fromkeys(wrt))
    dependent = _dependent(program, set(wrt))
    function = value
    for name in wrt:
        mode = jax.jacrev if reverse else jax.jacfwd
        function = mode(function, argnums=names.index(name))
    point = [env[name] for name in names]
    with np.errstate(all="ignore"):
        return run(jax.make_jaxpr(function)(*point), point)[0]


def _dependent(program: Program, wrt: set[str]) -> set[int]:
    """The ids of all parts that depend on the variables, and these names themselves."""
    names = set(wrt)
    found: set[int] = set()

    def visit(node: Formula, below: list[bool]) -> bool:
        named = isinstance(node, Name | Call) and node.name in names
        if named or any(below):
            found.add(id(node))
            return True
        return False

    for definition in program.definitions:
        if fold(definition.value, visit):
            names.add(definition.name)
    fold(program.body, visit)
    return found


class _Evaluator:
    def __init__(
        self,
        env: Mapping[str, Any],
        sizes: Mapping[str, int],
        extents: Extents,
        backend: Backend,
    ) -> None:
        self.env = dict(env)
        self.sizes = sizes
        self.extents = extents
        self.backend = backend

    def program(self, program: Program) -> Any:
        for definition in program.definitions:
            self.env[definition.name] = fold(definition.value, self.visit)
        return fold(program.body, self.visit)

    def visit(self, node: Formula, operands: list[Any]) -> Any:
        match node:
            case Number():
                return self.backend.np.full((1, 1), float(node.value))
            case Name():
                return self.name(node)
            case Call():
                return self.call(node, operands)
            case Neg():
                return -operands[0]
            case Add():
                total = operands[0]
                for sign, term in zip(node.signs[1:], operands[1:], strict=True):
                    total = total + term if sign > 0 else total - term
                return total
            case Mul():
                result = operands[0]
                for op, factor in zip(node.ops[1:], operands[1:], strict=True):
                    result = _combine(op, result, factor)
                return result
            case Power():
                return self.power(node, *operands)
            case Transpose():
                return operands[0].T
            case Stack():
                return self.stack(node, operands)
            case Compare():
                return self.compare(node, *operands)
            case Slice():
                return None

    def name(self, node: Name) -> Any:
        if node.name in self.env:
            return self.env[node.name]
        if node.name in _NUMBERS:
            return self.backend.np.full((1, 1), _NUMBERS[node.name])
        if node.name in self.sizes:
            return self.backend.np.full((1, 1), float(self.sizes[node.name]))
        return TABLE[node.name](self.backend, shape=self.extents[id(node)])

    def call(self, node: Call, operands: list[Any]) -> Any:
        if node.name in self.env:
            return self.pick(node)
        record = lookup(node.name)
        assert record is not None, node.name
        kinds = record.kinds(len(node.args))
        given = [
            operand if kind in ("expr", "condition") else self.integer(arg)
            for kind, arg, operand in zip(kinds, node.args, operands, strict=True)
        ]
        operation = TABLE.get(record.name)
        facts = {"shape": self.extent(node, given)} if record.sized else {}
        if operation is not None:
            return operation(self.backend, *given, **facts)
        assert record.evaluate is not None, record.name
        if record.elementwise and self.backend is jax_backend():
            return differentiable(record)(*given)
        return record.evaluate(self.backend.np, *given, **facts)

    def extent(self, node: Call, given: list[Any]) -> tuple[int, int]:
        if id(node) in self.extents:
            return self.extents[id(node)]
        if node.name == "eye":
            return (given[0], given[0])
        return (given[0], given[1] if len(given) > 1 else 1)

    def pick(self, node: Call) -> Any:
        whole = self.env[node.name]
        ranges = [self.range(arg) for arg in node.args]
        if len(ranges) == 2:
            return whole[ranges[0], ranges[1]]
        return whole[:, ranges[0]] if whole.shape[0] == 1 else whole[ranges[0], :]

    def range(self, index: Formula) -> slice:
        if not isinstance(index, Slice):
            place = self.integer(index)
            return slice(place - 1, place)
        start = 1 if index.start is None else self.integer(index.start)
        return slice(start - 1, None if index.stop is None else self.integer(index.stop))

    def integer(self, formula: Formula) -> int:
        """A size or an index: integers and sizes with + - and *."""
        match formula:
            case Number():
                return int(formula.value)
            case Name():
                return self.sizes[formula.name]
            case Neg():
                return -self.integer(formula.operand)
            case Add():
                return sum(
                    sign * self.integer(term)
                    for sign, term in zip(formula.signs, formula.terms, strict=True)
                )
            case Mul():
                result = 1
                for factor in formula.factors:
                    result *= self.integer(factor)
                return result
        raise AssertionError(formula)

    def power(self, node: Power, base: Any, exponent: Any) -> Any:
        constant = _integer_literal(node.exponent)
        if not node.elementwise and base.size > 1:
            assert constant is not None
            return integer_power(self.backend, base, constant)
        if constant is not None and abs(constant) < 20:
            if constant < 0:
                self.backend.require(lambda: np.all(np.abs(base) > 1e-3))
                base, constant = 1 / base, -constant
            result = self.backend.np.ones(base.shape)
            for _ in range(constant):
                result = result * base
            return result
        return self.backend.np.exp(exponent * self.backend.np.log(base))

    def compare(self, node: Compare, left: Any, right: Any) -> Any:
        self.backend.ask(lambda: np.all(np.abs(left - right) > _NEAR))
        return _COMPARE[node.operator](left, right)

    def stack(self, node: Stack, operands: list[Any]) -> Any:
        blocks = iter(operands)
        rows = [self.backend.np.concatenate([next(blocks) for _ in row], 1) for row in node.rows]
        return self.backend.np.concatenate(rows, 0)


class _Traced(_Evaluator):
    """The JAX run; parts that do not depend on the variables stay with NumPy."""

    def __init__(
        self,
        env: Mapping[str, Any],
        sizes: Mapping[str, int],
        extents: Extents,
        backend: Backend,
        dependent: set[int],
    ) -> None:
        super().__init__(env, sizes, extents, backend)
        self.dependent = dependent
        self.beside = NumpyBackend()
        self.backends: dict[bool, Backend] = {True: backend, False: self.beside}

    def visit(self, node: Formula, operands: list[Any]) -> Any:
        self.backend = self.backends[id(node) in self.dependent]
        return super().visit(node, operands)


class _Screen(_Traced):
    """The NumPy run that looks at the point."""

    def __init__(
        self,
        env: Mapping[str, Any],
        sizes: Mapping[str, int],
        extents: Extents,
        backend: NumpyBackend,
        dependent: set[int],
    ) -> None:
        super().__init__(env, sizes, extents, backend, dependent)
        self.looking = backend

    def visit(self, node: Formula, operands: list[Any]) -> Any:
        value = super().visit(node, operands)
        if value is not None:
            if value.shape != self.extents.get(id(node), value.shape):
                raise ValueError("shapes that fit only at other sizes")
            self.looking.require(lambda: np.all(np.abs(value) < _LARGEST_VALUE))
        return value


def _combine(op: str, left: Any, right: Any) -> Any:
    match op:
        case "*" if left.size > 1 and right.size > 1:
            return left @ right
        case "*" | ".*":
            return left * right
        case _:
            return left / right


def _integer_literal(exponent: Formula) -> int | None:
    if isinstance(exponent, Neg):
        below = _integer_literal(exponent.operand)
        return None if below is None else -below
    if isinstance(exponent, Number) and exponent.value.denominator == 1:
        return int(exponent.value)
    return None
