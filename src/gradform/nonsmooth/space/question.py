"""A function of several variables and a point, read and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse

from gradform.errors import ArrayError, GradformError, InputError, ShapeError, UnknownNameError
from gradform.exact import Real
from gradform.formula.tree import Formula, Program
from gradform.functions import Shape, lookup
from gradform.language import say
from gradform.nonsmooth.line.question import free_names, parse_number
from gradform.nonsmooth.space.changes import Linear, Matrix, dense, selection
from gradform.nonsmooth.space.exactly import Exact, decimal
from gradform.nonsmooth.space.indicators import Outside
from gradform.nonsmooth.space.model import Model, Ties, constant
from gradform.nonsmooth.space.reader import Reader
from gradform.nonsmooth.space.reading import symmetrizer
from gradform.syntax.declare import declare, structures_of
from gradform.syntax.elaborate import resolved
from gradform.syntax.parser import parse_formula
from gradform.syntax.scope import Scope
from gradform.syntax.shapes_of import ShapesOf

__all__ = ["SpaceQuestion", "Variable", "space_question"]

Given: TypeAlias = Mapping[str, Any]


class Variable:
    """A variable with its place in the flat vector of all variables, rows one after another."""

    def __init__(
        self, name: str, shape: tuple[int, int], begin: int, data: Model, is_symmetric: bool
    ) -> None:
        self.name, self.shape, self.begin, self.data = name, shape, begin, data
        self.is_symmetric = is_symmetric

    @property
    def size(self) -> int:
        return self.shape[0] * self.shape[1]


class SpaceQuestion:
    """f, the variables asked about, the point and the other values.

    ``tolerance``: how near to a kink counts as at it; 0 asks for exact ties.
    """

    def __init__(
        self,
        source: str,
        program: Program,
        variables: Sequence[Variable],
        params: Mapping[str, Model],
        shapes: Mapping[int, Shape],
        ties: Ties,
    ) -> None:
        self.source, self.program = source, program
        self.variables, self.params, self.shapes, self.ties = variables, params, shapes, ties
        self.dimension = sum(variable.size for variable in variables)
        self.reader = Reader({**params, **self._seeds()}, shapes, ties)
        self._model: Model | None = None

    def _seeds(self) -> dict[str, Model]:
        """The variables, each with the map from directions to its entries."""
        found = {}
        for variable in self.variables:
            rows = np.arange(variable.begin, variable.begin + variable.size)
            matrix: Matrix = selection(rows, self.dimension)
            if variable.is_symmetric:
                matrix = symmetrizer(variable.shape[0]) @ matrix
            found[variable.name] = variable.data.moving(Linear(matrix))
        return found

    @property
    def model(self) -> Model:
        """Value and change of f at the point."""
        if self._model is None:
            self._model = self.reader.program(self.program)
        return self._model

    @property
    def extents(self) -> dict[str, tuple[int, ...]]:
        """The names of the formula with their axes: none for a number, one for a column."""
        data = {variable.name: variable.data for variable in self.variables} | dict(self.params)
        return {name: _axes(model) for name, model in data.items()}

    def reader_at(self, flat: np.ndarray[Any, Any]) -> Reader:
        """The reader of the same formula at another point."""
        names = dict(self.params)
        for variable in self.variables:
            part = flat[variable.begin : variable.begin + variable.size].reshape(variable.shape)
            seed = self.reader.names[variable.name]
            names[variable.name] = given(part, self.ties).moving(seed.change)
        reader = Reader(names, self.shapes, self.ties)
        for definition in self.program.definitions:
            reader.names[definition.name] = reader.read(definition.value)
        return reader

    def hessian_of(self, terms: Sequence[Formula], signs: Sequence[int]) -> Any:
        """The Hessian of a sum that is a quadratic function, from gradients at unit vectors."""
        if self.dimension > 60:
            return None
        places = np.vstack([np.zeros(self.dimension), np.eye(self.dimension)])
        gradients = []
        for place in places:
            reader = self.reader_at(place)
            total = np.zeros(self.dimension)
            for term, sign in zip(terms, signs, strict=True):
                change = reader.read(term).change
                if change is None:
                    continue
                if not isinstance(change, Linear):
                    return None
                total = total + sign * dense(change.matrix).ravel()
            gradients.append(total)
        return np.array([gradient - gradients[0] for gradient in gradients[1:]])

    @property
    def point(self) -> np.ndarray[Any, Any]:
        """The point as one flat vector."""
        return np.concatenate([variable.data.flat for variable in self.variables])

    def arrays(self, flat: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
        """A flat vector as arrays of the variables."""
        found = {}
        for variable in self.variables:
            part = flat[variable.begin : variable.begin + variable.size]
            found[variable.name] = part.reshape(variable.shape)
        return found


def space_question(
    source: str,
    wrt: str | Sequence[str] | None = None,
    at: Given | None = None,
    params: Given | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
    assume: Mapping[str, str | Sequence[str]] | None = None,
    tolerance: float = 0.0,
) -> SpaceQuestion:
    """The question read; ``at`` gives values to ``wrt``, ``params`` to all other variables."""
    program = parse_formula(source)
    ties = Ties(tolerance)
    point, others = dict(at or {}), dict(params or {})
    names = [wrt] if isinstance(wrt, str) else list(wrt if wrt is not None else point)
    if wrt is not None:
        others.update({name: value for name, value in point.items() if name not in names})
    _check_names(program, names, point, others)
    data = {
        name: _data(name, value, ties, (shapes or {}).get(name))
        for name, value in {**others, **{n: point[n] for n in names}}.items()
    }
    structures = structures_of(assume)
    found = _shapes(program, data, structures)
    variables, begin = [], 0
    for name in names:
        model = data[name]
        symmetric = bool(structures.get(name, frozenset()) & {"symmetric", "spd"})
        if symmetric and not np.array_equal(model.value, model.value.T):
            raise ArrayError(
                say("{name} is declared symmetric, and its value is not.", name=name), kind="array"
            )
        variables.append(Variable(name, model.shape, begin, model, symmetric))
        begin += model.size
    parameters = {name: data[name] for name in others if name in data}
    question = SpaceQuestion(source, program, variables, parameters, found, ties)
    try:
        size = question.model.size
    except Outside:
        size = 1  # an indicator function is infinite there
    if size != 1:
        raise ShapeError(say("The value of the formula is no scalar."), kind="not_scalar")
    return question


def _check_names(program: Program, names: list[str], point: Given, others: Given) -> None:
    for name in names:
        if name not in point:
            raise InputError(
                say("The point has no value for '{name}'.", name=name),
                kind="point",
                hint=say("Give it: at={{'{name}': …}}", name=name),
            )
    known = {*names, *others}
    missing = [name for name in free_names(program) if name not in known]
    missing = [name for name in missing if not _is_function(name)]
    if missing:
        raise UnknownNameError(
            say("'{name}' has no value here.", name=missing[0]),
            kind="undefined_variable",
            hint=say("Give it one: params={{'{name}': …}}", name=missing[0]),
        )


def _is_function(name: str) -> bool:
    return lookup(name) is not None


def _data(name: str, value: Any, ties: Ties, shape: Sequence[int] | None) -> Model:
    """A number, text of an exact number, nested list, array or sparse matrix."""
    if sparse.issparse(value):
        return _sparse(value, ties)
    if isinstance(value, Model):
        return value
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        array = np.asarray(value, dtype=object)
    if array.ndim > 2:
        raise ArrayError(
            say("{name} has {count} axes; at most two are meant.", name=name, count=array.ndim),
            kind="array",
        )
    full = array.reshape(-1, 1) if array.ndim < 2 else array
    if shape is not None and array.ndim < 2 and len(shape) == 2:
        full = array.reshape(tuple(int(s) for s in shape))
    if array.dtype.kind == "O":
        return _of_objects(full, ties)
    return given(np.asarray(full, dtype=np.float64), ties, name)


def given(floats: np.ndarray[Any, Any], ties: Ties, name: str = say("the point")) -> Model:
    """An array of floats, which stand for the decimals that name them."""
    if not np.isfinite(floats).all():
        if floats.size == 1 and not np.isnan(floats).any():
            return Model(floats, 0.0, None, lambda: None, ties)
        raise ArrayError(
            say("{name} has entries that are no finite numbers.", name=name), kind="array"
        )
    whole = bool(np.array_equal(floats, np.rint(floats))) and np.abs(floats).max(initial=0) < 2**53
    return Model(
        floats,
        0.0 if whole else 1e-15 * float(np.abs(floats).max()),
        None,
        lambda: decimal(floats),
        ties,
    )


def _of_objects(full: np.ndarray[Any, Any], ties: Ties) -> Model:
    reals = [parse_number(entry) for entry in full.ravel().tolist()]
    if any(not value.is_finite for value in reals):
        floats = np.array([float(v) for v in reals]).reshape(full.shape)
        return Model(floats, 0.0, None, lambda: None, ties)
    exact = Exact.of_reals(
        [_read_float(e, r) for e, r in zip(full.ravel(), reals, strict=True)],
        (full.shape[0], full.shape[1]),
    )
    values = np.array([float(v) for v in reals]).reshape(full.shape)
    return constant(values, exact, ties)


def _read_float(entry: Any, value: Real) -> Real:
    """Floats among other things are read as decimals, too."""
    return Real.of(Fraction(repr(entry))) if isinstance(entry, float) else value


def _sparse(value: Any, ties: Ties) -> Model:
    csr = sparse.csr_array(value)
    csr.sum_duplicates()
    data = np.asarray(csr.data, dtype=np.float64)

    def exact() -> Exact:
        return decimal(data.reshape(-1, 1))  # of the entries that are there

    whole = bool(np.array_equal(data, np.rint(data)))
    size = float(np.abs(data).max(initial=0.0))
    return Model(csr, 0.0 if whole else 1e-15 * size, None, exact, ties)


def _axes(model: Model) -> tuple[int, ...]:
    rows, columns = model.shape
    return () if model.size == 1 else (rows,) if columns == 1 else (rows, columns)


def _shapes(
    program: Program, data: Mapping[str, Model], structures: Mapping[str, frozenset[str]]
) -> dict[int, Shape]:
    """The shape of every part, which also finds what does not fit together."""
    declared = {}
    known = dict(structures)
    for name, model in data.items():
        rows, columns = model.shape
        declared[name] = _axes(model)
        if (
            model.is_constant
            and rows == columns > 1
            and not sparse.issparse(model.value)
            and np.array_equal(model.value, model.value.T)
        ):
            known[name] = known.get(name, frozenset()) | {"symmetric"}
    scope = Scope(program, declare(declared, dict(known)), dict(known), False)
    found = ShapesOf(scope)
    try:
        found.program(program)
        return resolved(found)
    except GradformError as error:
        raise error.in_source(program.source) from None
