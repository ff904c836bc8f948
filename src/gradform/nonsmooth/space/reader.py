"""The formula at the point, from the leaves up: values and first-order changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import sparse

from gradform.errors import CannotError, GradformError, ShapeError, UnknownNameError
from gradform.exact import Real
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
    children,
)
from gradform.functions import Function, Shape, lookup
from gradform.ir.leaves import NUMBERS
from gradform.language import say
from gradform.nonsmooth.space import entries
from gradform.nonsmooth.space.arithmetic import (
    below,
    matrix_product,
    scaled,
    side_by_side,
    times,
    total_of,
    transposed,
)
from gradform.nonsmooth.space.atoms import ATOMS, NONNEGATIVE
from gradform.nonsmooth.space.exactly import Exact
from gradform.nonsmooth.space.model import Model, Ties, constant, picked
from gradform.nonsmooth.space.quadratic import definiteness
from gradform.nonsmooth.space.squares import Hidden, hidden_norm, squares_of
from gradform.syntax.parser import parse_formula

__all__ = ["Reader", "lookup_record", "whole"]

_CONSTANTS: dict[str, Callable[[], Real]] = {"pi": Real.pi, "EulerGamma": Real.euler_gamma}


class Reader:
    """Models of all parts of a formula; each tree node is read once."""

    def __init__(self, names: Mapping[str, Model], shapes: Mapping[int, Shape], ties: Ties) -> None:
        self.names = dict(names)
        self.shapes = shapes
        self.ties = ties
        self.known: dict[int, Model] = {}

    def program(self, program: Program) -> Model:
        """The model of the whole formula."""
        try:
            for definition in program.definitions:
                self.names[definition.name] = self.read(definition.value)
            return self.read(program.body)
        except GradformError as error:
            raise error.in_source(program.source) from None

    def read(self, root: Formula) -> Model:
        """The model of a part, iteratively."""
        stack: list[tuple[Formula, bool]] = [(root, False)]
        while stack:
            node, ready = stack.pop()
            if id(node) in self.known:
                continue
            if ready:
                model = self.known[id(node)] = self._visit(node)
                model.nonnegative = model.nonnegative or self._is_nonnegative(node)
                continue
            stack.append((node, True))
            stack.extend((part, False) for part in reversed(self.parts(node)))
        return self.known[id(root)]

    def shape_of(self, node: Formula) -> tuple[int, int] | None:
        """The shape of a part before it is read, where that is plain."""
        shape = self.shapes.get(id(node))
        if shape is not None:
            return int(shape.rows.evaluate({})), int(shape.cols.evaluate({}))
        if isinstance(node, Name) and node.name in self.names:
            return self.names[node.name].shape
        return None

    def root_of(self, between: Sequence[Formula]) -> Model | None:
        """R with R'R = P for a constant semidefinite product P, else None."""
        if not all(isinstance(node, Name | Transpose | Number) for node in between):
            return None
        names = [n.operand if isinstance(n, Transpose) else n for n in between]
        if not all(isinstance(n, Number) or self._is_given(n) for n in names):
            return None
        product = self.read(between[0])
        for node in between[1:]:
            other = self.read(node)
            if product.size == 1 or other.size == 1:
                product = times(product, other)
            else:
                product = matrix_product(product, other)
        matrix = np.asarray(
            product.value.toarray() if sparse.issparse(product.value) else product.value
        )
        if matrix.shape[0] != matrix.shape[1] or len(matrix) > 500:
            return None
        matrix = (matrix + matrix.T) / 2
        if definiteness(matrix)[0] is not True:
            return None
        values, basis = np.linalg.eigh(matrix)
        kept = values > 1e-14 * float(np.abs(values).max(initial=0.0))
        root = np.sqrt(values[kept])[:, None] * basis[:, kept].T
        return constant(root, None, self.ties)

    def _is_given(self, node: Formula) -> bool:
        """A name with a constant value."""
        if not isinstance(node, Name):
            return False
        return node.name in self.names and self.names[node.name].is_constant

    def parts(self, node: Formula) -> tuple[Formula, ...]:
        if isinstance(node, Slice) or (isinstance(node, Call) and node.name in self.names):
            return ()
        hidden = hidden_norm(node, self)
        if hidden is not None:
            return tuple(square.base for square in hidden.squares)
        if isinstance(node, Call):
            record = lookup(node.name)
            if record is None:
                raise UnknownNameError(
                    say("There is no function '{name}'.", name=node.name),
                    kind="unknown_function",
                    span=node.name_span,
                )
            kinds = record.kinds(len(node.args))
            return tuple(
                part
                for arg, kind in zip(node.args, kinds, strict=False)
                for part in ((arg,) if kind == "expr" else _compared(arg))
            )
        return children(node)

    def _is_nonnegative(self, node: Formula) -> bool:
        """Whether the form of a part shows that it is never negative."""
        if squares_of(node, self) is not None:
            return True
        if hidden_norm(node, self) is not None:
            return True
        match node:
            case Call() if node.name not in self.names:
                return lookup_record(node.name).sign is not None or node.name in NONNEGATIVE
            case Power():
                return self.known[id(node.base)].nonnegative
            case Add():
                parts = [self.known[id(term)] for term in node.terms]
                return all(s > 0 for s in node.signs) and all(map(_never_negative, parts))
            case Mul():
                return all(_never_negative(self.known[id(f)]) for f in node.factors)
        return False

    def _visit(self, node: Formula) -> Model:
        hidden = hidden_norm(node, self)
        if hidden is not None:
            return self._root(hidden)
        match node:
            case Number():
                return self._exact_constant(Exact.scalar(node.value))
            case Name():
                return self._name(node)
            case Neg():
                return scaled(Fraction(-1), self.known[id(node.operand)])
            case Add():
                return self._sum(node)
            case Mul():
                return self._product(node)
            case Power():
                return self._power(node)
            case Transpose():
                return transposed(self.known[id(node.operand)])
            case Stack():
                return self._stack(node)
            case Call():
                return self._call(node)
        raise CannotError(say("This has no value of its own."), kind="unsupported", span=node.span)

    # ------------------------------------------------------------ leaves

    def _exact_constant(self, exact: Exact) -> Model:
        rationals = exact.fractions()
        values = rationals if rationals is not None else exact.as_reals().ravel().tolist()
        return constant(np.array([float(v) for v in values]).reshape(exact.shape), exact, self.ties)

    def _name(self, node: Name) -> Model:
        if node.name in self.names:
            return self.names[node.name]
        if node.name in _CONSTANTS:
            return self._exact_constant(Exact.scalar(_CONSTANTS[node.name]()))
        if node.name in NUMBERS:
            return constant(np.array([[float(NUMBERS[node.name])]]), None, self.ties)
        record = lookup(node.name)
        if record is None or record.arity[0] > 0:
            raise UnknownNameError(
                say("'{name}' has no value here.", name=node.name),
                kind="undefined_variable",
                span=node.span,
                hint=say("Give it one: params={{'{name}': 1}}", name=node.name),
            )
        return self._plain_constant(record, node, [])

    def _plain_constant(self, record: Function, node: Formula, arguments: list[Any]) -> Model:
        """``eye``, ``ones(3)`` and their like."""
        assert record.evaluate is not None
        found = record.evaluate(np, *arguments, **self._shape_of(record, node))
        value = np.asarray(found, dtype=np.float64)
        whole = np.array_equal(value, np.rint(value))
        exact = Exact.of_rationals(map(int, value.ravel()), value.shape) if whole else None
        return constant(value, exact, self.ties)

    def _shape_of(self, record: Function, node: Formula) -> dict[str, tuple[int, int]]:
        if not record.sized:
            return {}
        shape = self.shapes[id(node)]
        return {"shape": (int(shape.rows.evaluate({})), int(shape.cols.evaluate({})))}

    # ------------------------------------------------------------ operators

    def _sum(self, node: Add) -> Model:
        terms = [
            part if sign > 0 else scaled(Fraction(-1), part)
            for sign, part in zip(node.signs, (self.known[id(t)] for t in node.terms), strict=True)
        ]
        return total_of(terms)

    def _product(self, node: Mul) -> Model:
        result = self.known[id(node.factors[0])]
        for op, factor in zip(node.ops[1:], node.factors[1:], strict=True):
            other = self.known[id(factor)]
            if op in ("/", "./"):
                other = entries.raised(other, Fraction(-1))
            if op in (".*", "./") or result.size == 1 or other.size == 1:
                result = times(result, other)
            else:
                result = matrix_product(result, other)
        return result

    def _power(self, node: Power) -> Model:
        base, exponent = self.known[id(node.base)], self.known[id(node.exponent)]
        if not exponent.is_constant or exponent.size > 1:
            return entries.smooth(lookup_record("pow"), [*entries.spread([base, exponent])])
        value = exponent.exact.fractions() if exponent.exact is not None else None
        if value is None:
            return entries.smooth(lookup_record("pow"), [*entries.spread([base, exponent])])
        if base.size == 1 or node.elementwise:
            return entries.raised(base, value[0])
        if value[0].denominator != 1 or value[0] < 1:
            raise CannotError(
                say("A matrix power needs a positive whole number."), kind="unsupported"
            )
        result = base
        for _ in range(int(value[0]) - 1):
            result = matrix_product(result, base)
        return result

    def _stack(self, node: Stack) -> Model:
        rows = [side_by_side([self.known[id(b)] for b in row]) for row in node.rows]
        return below(rows)

    def _root(self, hidden: Hidden) -> Model:
        """A root of a sum of squares is a norm."""
        parts = []
        for square in hidden.squares:
            base = self.known[id(square.base)]
            if square.factor is not None:
                base = _rooted(square.factor, base)
            flat = picked(base, np.arange(base.size), (base.size, 1))
            factor = Real.of(square.weight) ** Fraction(1, 2)
            parts.append(
                flat
                if square.weight == 1
                else times(self._exact_constant(Exact.scalar(factor)), flat)
            )
        record = lookup_record("norm2")
        norm = ATOMS["norm2"](self, record, [below(parts)], [])
        norm.nonnegative = True
        return entries.raised(norm, hidden.exponent)

    # ------------------------------------------------------------ functions

    def _call(self, node: Call) -> Model:
        if node.name in self.names:
            return self._access(node)
        record = lookup_record(node.name)
        if not record.accepts(len(node.args)):
            raise ShapeError(
                say(
                    "{name} does not take {count} arguments.", name=node.name, count=len(node.args)
                ),
                kind="arity",
                span=node.name_span,
            )
        kinds = record.kinds(len(node.args))
        pairs = list(zip(node.args, kinds, strict=True))
        if record.name == "piecewise":
            return self._piecewise(node)
        numbers = [whole(arg) for arg, kind in pairs if kind != "expr"]
        models = [self.known[id(arg)] for arg, kind in pairs if kind == "expr"]
        if record.sized:
            given = [whole(a) if k != "expr" else self.known[id(a)].value for a, k in pairs]
            return self._plain_constant(record, node, given)
        return self.applied(record, models, numbers)

    def applied(self, record: Function, models: list[Model], numbers: list[int]) -> Model:
        """A function of values that are read already."""
        if record.name in ATOMS:
            return ATOMS[record.name](self, record, models, numbers)
        if record.elementwise or record.elementary or entries.is_entrywise(record):
            return entries.entrywise(self, record, models)
        if record.definition is not None:
            return self.expanded(record.definition, models, numbers)
        return entries.smooth(record, models, numbers)

    def expanded(self, definition: str, models: list[Model], numbers: list[int]) -> Model:
        """A function by its definition in the input language."""
        given = [*models, *(self._exact_constant(Exact.scalar(n)) for n in numbers)]
        names = dict(zip("xyz", given, strict=False))
        inner = Reader(names, {}, self.ties)
        return inner.read(parse_formula(definition).body)

    def _piecewise(self, node: Call) -> Model:
        *pairs, last = node.args
        tests, values = [], []
        for test, value in zip(pairs[::2], pairs[1::2], strict=True):
            assert isinstance(test, Compare)
            left, right = self.known[id(test.left)], self.known[id(test.right)]
            tests.append((test.operator, total_of([left, scaled(Fraction(-1), right)])))
            values.append(self.known[id(value)])
        return entries.by_cases(tests, [*values, self.known[id(last)]])

    def _access(self, node: Call) -> Model:
        array = self.names[node.name]
        rows, columns = array.shape
        if len(node.args) == 1:
            if rows != 1 and columns != 1:
                raise ShapeError(
                    say("A matrix has two indices, as in A(1, 3)."), kind="arity", span=node.span
                )
            places = self._places(node.args[0], array.size)
            shape = (1, places.size) if rows == 1 and columns > 1 else (places.size, 1)
            return picked(array, places, shape)
        first, second = self._places(node.args[0], rows), self._places(node.args[1], columns)
        grid = (first[:, None] * columns + second[None, :]).ravel()
        return picked(array, grid, (first.size, second.size))

    def _places(self, index: Formula, length: int) -> Any:
        if isinstance(index, Slice):
            start = 1 if index.start is None else self._index(index.start)
            stop = length if index.stop is None else self._index(index.stop)
        else:
            start = stop = self._index(index)
        if not 1 <= start <= stop <= length:
            raise ShapeError(
                say("The index lies outside 1 … {length}.", length=length),
                kind="index_out_of_range",
                span=index.span,
            )
        return np.arange(start - 1, stop)

    def _index(self, formula: Formula) -> int:
        model = self.read(formula)
        value = model.exact.fractions() if model.is_constant and model.exact is not None else None
        if value is None or value[0].denominator != 1:
            raise ShapeError(say("An index is a whole number."), kind="index", span=formula.span)
        return int(value[0])


def _rooted(root: Model, base: Model) -> Model:
    """R·u, which is exactly 0 where u is."""
    found = matrix_product(root, base)
    if base.is_constant or base.signs().any():
        return found
    zero = Exact.of_rationals([0] * found.size, found.shape)
    return Model(np.zeros(found.shape), 0.0, found.change, lambda: zero, found.ties)


def _never_negative(model: Model) -> bool:
    if model.is_constant:
        value = model.value
        return bool(((value.data if sparse.issparse(value) else value) >= 0).all())
    return model.nonnegative


def lookup_record(name: str) -> Function:
    record = lookup(name)
    assert record is not None
    return record


def _compared(node: Formula) -> tuple[Formula, ...]:
    return (node.left, node.right) if isinstance(node, Compare) else ()


def whole(node: Formula) -> int:
    """A literal whole number."""
    inner = node.operand if isinstance(node, Neg) else node
    if isinstance(inner, Number) and inner.value.denominator == 1:
        return int(inner.value) * (-1 if isinstance(node, Neg) else 1)
    raise ShapeError(say("A whole number is expected here."), kind="number", span=node.span)
