"""Random well-typed questions: a function with definitions, its variables, wrt and layout."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from random import Random

from gradform.formula.tree import (
    Add,
    Call,
    Compare,
    Definition,
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
from gradform.functions import Shape
from gradform.ir.dims import ONE, Dim, dim
from gradform.notation.layout import LAYOUTS
from tests.oracle.vocabulary import (
    ANY,
    Argument,
    Signature,
    callable_records,
    signatures,
    transposed,
)
from tests.oracle.writing import written

__all__ = ["Declared", "Question", "question", "used_names"]

SCALAR = Shape(ONE, ONE)
_SYMMETRIC = ("symmetric", "spd", "diagonal")
_MATRIX = (*_SYMMETRIC, "lower_positive", "toeplitz", "symmetric_toeplitz", "orthogonal")
_ENTRIES = ("positive", "unit", "pm1", "binary", "large")
_VECTOR = ("onehot", "simplex")
_NUMBERS = tuple(map(Fraction, ("1", "2", "3", "1/2", "3/2", "1/10")))
_EXPONENTS = tuple(map(Fraction, ("2", "2", "3", "-1", "-2", "1/2", "-1/2", "3/2")))


@dataclass(frozen=True)
class Declared:
    """A variable: its shape as written and its structure or ``""``."""

    shape: Shape
    structure: str = ANY


@dataclass(frozen=True)
class Question:
    """A well-typed question.

    ``sized`` holds the shapes of constants that get theirs from the context. ``wrt`` is as
    typed: ``x``, ``x'``, ``x(2)``.
    """

    program: Program
    variables: Mapping[str, Declared]
    shape: Shape
    wrt: tuple[str, ...]
    layout: str
    sized: Mapping[int, Shape]
    seed: int = 0

    @cached_property
    def source(self) -> str:
        """The program as text, with a few parentheses that are not needed."""
        random = Random(self.seed)
        return written(self.program, lambda: random.random() < 0.1)

    @property
    def declared(self) -> dict[str, tuple[str | int, ...]]:
        """The shapes as users declare them."""
        return {name: _as_declared(each.shape) for name, each in self.variables.items()}

    @property
    def assumed(self) -> dict[str, str]:
        return {name: each.structure for name, each in self.variables.items() if each.structure}

    def __str__(self) -> str:
        shapes = {name: list(shape) for name, shape in self.declared.items()}
        wrt = ", ".join(self.wrt)
        return f"{self.source!r} wrt {wrt} shapes={shapes} assume={self.assumed} {self.layout}"


def _as_declared(shape: Shape) -> tuple[str | int, ...]:
    sizes = () if shape.is_scalar else shape if shape.cols is not ONE else (shape.rows,)
    return tuple(str(size) if size.value is None else size.value for size in sizes)


def question(seed: int, *, deepest: int = 8) -> Question:
    """The question of this number; equal numbers give equal questions."""
    return _Generator(Random(seed), deepest).question(seed)


class _Generator:
    def __init__(self, random: Random, deepest: int) -> None:
        self.random = random
        self.deepest = deepest
        names = random.sample(["m", "n", "p"], 2 if random.random() < 0.8 else 3)
        if random.random() < 0.1:
            names[-1] = random.choice(["3", "4"])
        self.base = tuple(dim(int(name) if name.isdecimal() else name) for name in sorted(names))
        self.variables: dict[str, Declared] = {}
        self.defined: dict[str, Shape] = {}
        self.sized: dict[int, Shape] = {}
        self.keep: list[Formula] = []
        self.budget = random.choice([6, 10, 16, 25])
        self.structured = random.random() < 0.5

    # ------------------------------------------------------------ the question

    def question(self, seed: int) -> Question:
        definitions = []
        for k in range(self.random.choice([0, 0, 0, 1, 2, 3])):
            value = self.expression(self.root_shape(), self.random.randint(1, 4))
            name = f"h{k + 1}"
            definitions.append(Definition(name, value))
            self.defined[name] = self.shape_of_last
        shape = self.root_shape()
        self.budget = max(self.budget, 4)
        body = self.operation(shape, self.random.randint(1, self.deepest))
        program = Program(tuple(definitions), body)
        order = self.random.choice([1, 1, 1, 2])
        used = used_names(program) & set(self.variables)
        self.declare_sizes(program)
        wrt = tuple(self.target(sorted(used)) for _ in range(order))
        if self.random.random() < 0.6:
            wrt = wrt[:1] * order
        layout = self.random.choice(LAYOUTS)
        return Question(program, self.variables, shape, wrt, layout, self.sized, seed)

    def declare_sizes(self, program: Program) -> None:
        """A size that occurs must be that of a variable."""
        used = used_names(program)
        for definition in program.definitions:
            used |= used_names(Program((), definition.value))
        known = {
            str(size) for each in self.variables.values() for size in each.shape if size.is_name
        }
        for size in self.base:
            if size.is_name and str(size) in used - known:
                self.variables[f"k{size}"] = Declared(Shape(size, ONE))

    def root_shape(self) -> Shape:
        kind = self.random.random()
        if kind < 0.45:
            shape = SCALAR
        elif kind < 0.65:
            shape = Shape(self.size(), ONE)
        elif kind < 0.75:
            shape = Shape(ONE, self.size())
        else:
            shape = Shape(self.size(), self.size())
        self.shape_of_last = shape
        return shape

    def target(self, used: Sequence[str]) -> str:
        """A variable of differentiation: mostly one that occurs, whole."""
        if not used or self.random.random() < 0.03:
            self.variables["absent"] = Declared(
                self.random.choice([SCALAR, Shape(self.base[0], ONE)])
            )
            return "absent"
        name = self.random.choice(used)
        shape = self.variables[name].shape
        kind = self.random.random()
        if kind < 0.06 and not shape.is_scalar:
            places = [self.random.randint(1, 2) for size in shape if size is not ONE]
            return f"{name}({', '.join(map(str, places))})"
        if kind < 0.1 and not shape.is_scalar:
            return f"{name}'"
        return name

    # ------------------------------------------------------------ expressions

    def expression(self, shape: Shape, depth: int) -> Formula:
        self.budget -= 1
        if depth <= 0 or self.budget <= 0 or self.random.random() < 0.12:
            return self.leaf(shape)
        return self.operation(shape, depth)

    def operation(self, shape: Shape, depth: int) -> Formula:
        for _ in range(12):
            production = self.random.choices(_PRODUCTIONS, _WEIGHTS)[0]
            found = production(self, shape, depth - 1)
            if found is not None:
                return found
        return self.leaf(shape)

    def in_domain(self, shape: Shape, domain: str, depth: int) -> Formula:
        """An expression whose values lie in a domain, or likely so."""
        if domain == ANY or (self.random.random() < 0.05 and domain != "symmetric"):
            return self.expression(shape, depth)
        if domain in ("symmetric", "spd") and not shape.is_matrix:
            return self.expression(shape, depth)
        if domain == "simplex" and not shape.is_vector:
            return self.expression(shape, depth)
        if depth <= 0 or self.random.random() < 0.4:
            return self.variable(shape, domain)
        return self.guarded(shape, domain, depth)

    def guarded(self, shape: Shape, domain: str, depth: int) -> Formula:
        def inner(like: Shape = shape) -> Formula:
            return self.expression(like, depth - 1)

        choose = self.random.choice
        match domain:
            case "positive":
                name = choose(["exp", "softplus", "sigmoid", "cosh", "abs", "square"])
                return self.square(inner()) if name == "square" else call(name, inner())
            case "unit":
                name = choose(["sigmoid", "tanh", "sin", "erf"])
                half = call(name, inner())
                return product(["/"], half, number(2)) if name == "sin" else half
            case "large":
                return product(["*"], number(2), call("cosh", inner()))
            case "simplex":
                return call("softmax", inner())
        return self.symmetric(shape, domain, depth)

    def symmetric(self, shape: Shape, domain: str, depth: int) -> Formula:
        other = Shape(shape.rows, self.random.choice([*self.base, ONE]))
        factor = self.expression(other, depth - 1)
        gram = product(["*"], factor, Transpose(factor))
        if domain == "spd":
            more = self.constant_identity(shape)
            return Add((gram, more), (1, 1))
        if self.random.random() < 0.5:
            return gram
        matrix = self.expression(shape, depth - 1)
        return Add((matrix, Transpose(matrix)), (1, 1))

    def square(self, x: Formula) -> Formula:
        return Power(x, number(2), elementwise=True)

    # ------------------------------------------------------------ leaves

    def size(self) -> Dim:
        return self.random.choice(self.base)

    def leaf(self, shape: Shape) -> Formula:
        options: list[Callable[[Shape], Formula | None]] = [self.variable] * 8
        options += [self.constant, self.picked, self.picked]
        for _ in range(6):
            found = self.random.choice(options)(shape)
            if found is not None:
                return found
        return self.variable(shape)

    def variable(self, shape: Shape, domain: str = ANY) -> Formula:
        """A variable or definition of this shape, known or new; perhaps transposed."""
        turned = transposed(shape)
        if domain == ANY:
            known = [name for name, each in self.known() if each == shape]
            flipped = [name for name, each in self.known() if each == turned != shape]
            square = shape.rows is shape.cols and shape.is_matrix
            if known and self.random.random() < 0.75:
                name = Name(self.random.choice(known))
                return Transpose(name) if square and self.random.random() < 0.2 else name
            if flipped and self.random.random() < 0.7:
                return Transpose(Name(self.random.choice(flipped)))
        else:
            fitting = [
                name
                for name, each in self.variables.items()
                if each.shape == shape and _implies(each.structure, domain)
            ]
            if fitting and self.random.random() < 0.7:
                return Name(self.random.choice(fitting))
        if not shape.is_scalar and shape.rows is ONE and self.random.random() < 0.7:
            return Transpose(self.new_variable(turned, domain))
        return self.new_variable(shape, domain)

    def known(self) -> Iterator[tuple[str, Shape]]:
        for name, each in self.variables.items():
            yield name, each.shape
        for name, shape in self.defined.items():
            yield name, shape
            yield name, shape  # definitions are there to be used

    def new_variable(self, shape: Shape, domain: str) -> Formula:
        letters = "abc" if shape.is_scalar else "XABW" if shape.is_matrix else "xyzuv"
        count = sum(name[0] in letters for name in self.variables)
        rank = count // len(letters)
        name = letters[count % len(letters)] + (str(rank) if rank else "")
        self.variables[name] = Declared(shape, domain or self.structure(shape))
        return Name(name)

    def structure(self, shape: Shape) -> str:
        if not self.structured or self.random.random() < 0.6:
            return ANY
        if shape.is_matrix and shape.rows is shape.cols:
            return self.random.choice(_MATRIX)
        return self.random.choice((*_ENTRIES, *_VECTOR) if shape.is_vector else _ENTRIES)

    def constant(self, shape: Shape) -> Formula | None:
        if shape.is_scalar:
            return self.random.choice([self.number(), self.number(), Name("pi"), self.dimension()])
        name = self.random.choice(["ones", "ones", "zeros", "eye", "unit", "commute"])
        if shape.is_row:
            inner = self.constant(transposed(shape))
            return None if inner is None else Transpose(inner)
        sizes = [_size(size) for size in shape if size is not ONE]
        if name == "eye" and shape.rows is shape.cols:
            return self.constant_identity(shape)
        if name == "unit" and shape.is_column:
            place = self.random.choice([number(1), number(2), sizes[0]])
            return Call("unit", (sizes[0], place))
        if name in ("ones", "zeros"):
            return Call(name, tuple(sizes))
        if name == "commute" and shape.rows is shape.cols and len(self.base) > 1:
            first, second = self.base[:2]
            if first * second is shape.rows:
                return Call("commute", (_size(first), _size(second)))
        return None

    def constant_identity(self, shape: Shape) -> Formula:
        return Call("eye", (_size(shape.rows),))

    def number(self) -> Formula:
        return number(self.random.choice(_NUMBERS))

    def dimension(self) -> Formula:
        return _size(self.size())

    def picked(self, shape: Shape) -> Formula | None:
        """An element or a slice of a variable or definition."""
        pick = self.random.choice(list(self.known())) if self.variables or self.defined else None
        if pick is None:
            return self.longer(shape)
        name, whole = pick
        if shape.is_scalar and not whole.is_scalar:
            places = [self.place(size) for size in whole if size is not ONE]
            return Call(name, tuple(places))
        if whole.is_matrix and shape.is_vector:
            if shape.is_column and whole.rows is shape.rows:
                return Call(name, (Slice(None, None), self.place(whole.cols)))
            if shape.is_row and whole.cols is shape.cols:
                return Call(name, (self.place(whole.rows), Slice(None, None)))
        return self.longer(shape)

    def place(self, size: Dim) -> Formula:
        last = _size(size)
        return self.random.choice([number(1), number(2), last])

    def longer(self, shape: Shape) -> Formula | None:
        """``x(2:n+1)`` for a vector of length n, and the like."""
        size = shape.rows * shape.cols
        if not shape.is_vector or not str(size).isalnum():
            return None
        longer = size + 1
        name = f"{'s' if shape.is_column else 'r'}{size}"
        declared = Shape(longer, ONE) if shape.is_column else Shape(ONE, longer)
        self.variables.setdefault(name, Declared(declared))
        first, last = self.random.choice([(number(1), _size(size)), (number(2), _size(longer))])
        return Call(name, (Slice(first, last),))

    # ------------------------------------------------------------ operators

    def sum(self, shape: Shape, depth: int) -> Formula | None:
        count = self.random.choice([2, 2, 3])
        terms = tuple(self.expression(shape, depth) for _ in range(count))
        signs = (1, *(self.random.choice([1, -1]) for _ in terms[1:]))
        return Add(terms, signs)

    def sum_with_constant(self, shape: Shape, depth: int) -> Formula | None:
        """``A + eye``, ``x - vector(c)``: the context gives the size."""
        if shape.is_scalar or shape.is_row:
            return None
        first = self.sized_expression(shape, depth)
        square = shape.rows is shape.cols
        constant: Formula
        if square and self.random.random() < 0.5:
            constant = Name("eye")
        else:
            inside = self.expression(SCALAR, depth - 1)
            constant = Call("vector" if shape.is_column else "matrix", (inside,))
        self.sized[id(constant)] = shape
        self.keep.append(constant)
        sign = self.random.choice([1, -1])
        return Add((first, constant), (1, sign))

    def sized_expression(self, shape: Shape, depth: int) -> Formula:
        """An expression that contains no constant of unknown size at its top."""
        return (
            self.variable(shape) if depth <= 1 else self.call(shape, depth) or self.variable(shape)
        )

    def negative(self, shape: Shape, depth: int) -> Formula | None:
        return Neg(self.expression(shape, depth))

    def transpose(self, shape: Shape, depth: int) -> Formula | None:
        return Transpose(self.expression(transposed(shape), depth))

    def scaled(self, shape: Shape, depth: int) -> Formula | None:
        scalar, x = self.expression(SCALAR, depth), self.expression(shape, depth)
        op = self.random.choice(["*", "*", ".*", "/", "./"])
        if op in ("/", "./"):
            return product([op], x, self.divisor(SCALAR, depth))
        return product([op], scalar, x) if self.random.random() < 0.6 else product([op], x, scalar)

    def divisor(self, shape: Shape, depth: int) -> Formula:
        domain = self.random.choice([ANY, "positive", "positive", "large"])
        found = self.in_domain(shape, domain, depth)
        plain = isinstance(found, Call) and found.name in ("zeros", "unit", "eye")
        return self.variable(shape, "positive") if plain else found

    def matrix_product(self, shape: Shape, depth: int) -> Formula | None:
        inner = self.random.choice([*self.base, *self.base, ONE])
        left = self.expression(Shape(shape.rows, inner), depth)
        right = self.expression(Shape(inner, shape.cols), depth)
        return product(["*"], left, right)

    def triple_product(self, shape: Shape, depth: int) -> Formula | None:
        inner, other = self.size(), self.size()
        parts = (
            self.expression(Shape(shape.rows, inner), depth - 1),
            self.expression(Shape(inner, other), depth - 1),
            self.expression(Shape(other, shape.cols), depth - 1),
        )
        return Mul(parts, ("*", "*", "*"))

    def hadamard(self, shape: Shape, depth: int) -> Formula | None:
        op = self.random.choice([".*", ".*", "./"])
        x = self.expression(shape, depth)
        if op == "./":
            return product([op], x, self.divisor(shape, depth))
        return product([op], x, self.expression(shape, depth))

    def power(self, shape: Shape, depth: int) -> Formula | None:
        elementwise = not shape.is_scalar or self.random.random() < 0.3
        exponent = self.random.choice(_EXPONENTS)
        whole = exponent.denominator == 1
        domain = ANY if whole and exponent > 0 else "positive"
        base = self.in_domain(shape, domain, depth)
        return Power(base, _signed(exponent), elementwise)

    def general_power(self, shape: Shape, depth: int) -> Formula | None:
        """x.^y, x.^a, a.^x, a^b"""
        kinds = [(shape, shape), (shape, SCALAR), (SCALAR, shape)]
        base, exponent = self.random.choice(kinds)
        left = self.in_domain(base, "positive", depth)
        right = self.expression(exponent, depth)
        return Power(left, right, elementwise=not shape.is_scalar)

    def matrix_power(self, shape: Shape, depth: int) -> Formula | None:
        if not shape.is_matrix or shape.rows is not shape.cols:
            return None
        base = self.expression(shape, depth)
        return Power(base, _signed(self.random.choice([2, 2, 3, -1, -2, 0])), elementwise=False)

    def stack(self, shape: Shape, depth: int) -> Formula | None:
        """[x; y] and [A, B], where the sizes add up to what is wanted."""
        below = self.split(shape.rows)
        beside = self.split(shape.cols)
        if below is not None and (beside is None or self.random.random() < 0.5):
            parts = [self.expression(Shape(part, shape.cols), depth) for part in below]
            return Stack(tuple((part,) for part in parts))
        if beside is not None:
            parts = [self.expression(Shape(shape.rows, part), depth) for part in beside]
            return Stack((tuple(parts),))
        return None

    def split(self, size: Dim) -> tuple[Dim, Dim] | None:
        for first in (*self.base, ONE):
            rest = size - first
            if rest in self.base or rest is ONE:
                return first, rest
        return None

    def reduced_stack(self, shape: Shape, depth: int) -> Formula | None:
        """A function of the whole of a stack."""
        if not shape.is_scalar:
            return None
        size = self.size() + self.random.choice([*self.base, ONE])
        inside = self.stack(Shape(size, self.random.choice([ONE, *self.base])), depth - 1)
        if inside is None:
            return None
        name = self.random.choice(["norm2", "sum", "logsumexp", "mean", "var"])
        return call(name, inside)

    # ------------------------------------------------------------ functions

    def call(self, shape: Shape, depth: int) -> Formula | None:
        for _ in range(20):
            found = signatures(self.random.choice(callable_records()), shape, self.base)
            if found:
                return self.application(self.random.choice(found), depth)
        return None

    def application(self, signature: Signature, depth: int) -> Formula:
        record = signature.record
        arguments = tuple(self.argument(each, depth) for each in signature.arguments)
        name = self.random.choice((record.name, record.name, *record.aliases))
        needs_regular = any("det(" in condition.template for condition in record.conditions)
        first = signature.arguments[0].shape
        if needs_regular and first is not None and first.is_matrix and self.random.random() < 0.4:
            shifted = Add(
                (arguments[0], product(["*"], number(3), self.constant_identity(first))), (1, 1)
            )
            arguments = (shifted, *arguments[1:])
        return Call(name, arguments)

    def argument(self, argument: Argument, depth: int) -> Formula:
        if argument.shape is None:
            return number(argument.literal or 0)
        if argument.compared:
            return self.comparison(argument.shape, depth)
        return self.in_domain(argument.shape, argument.domain, depth)

    def comparison(self, shape: Shape, depth: int) -> Formula:
        """An expression beside another one or a number."""
        left, right = self.in_domain(shape, ANY, depth - 1), _signed(self.random.randint(-2, 2))
        if self.random.random() < 0.3:
            right = self.in_domain(shape, ANY, depth - 1)
        if self.random.random() < 0.3:
            left, right = right, left
        return Compare(self.random.choice(["<", "<=", "==", "!=", ">=", ">"]), left, right)


def used_names(program: Program) -> set[str]:
    """The names that the value depends on."""
    values = {definition.name: definition.value for definition in program.definitions}
    found: set[str] = set()
    pending = [program.body]
    while pending:
        part = pending.pop()
        pending.extend(children(part))
        if isinstance(part, Name | Call) and part.name not in found:
            found.add(part.name)
            pending.extend([values[part.name]] if part.name in values else [])
    return found


def _implies(structure: str, domain: str) -> bool:
    wider = {"positive": ("positive", "unit", "large", "simplex"), "symmetric": _SYMMETRIC}
    return structure == domain or structure in wider.get(domain, ())


def call(name: str, *arguments: Formula) -> Formula:
    return Call(name, arguments)


def number(value: int | Fraction) -> Formula:
    return Number(Fraction(value))


def product(ops: Sequence[str], *factors: Formula) -> Formula:
    return Mul(factors, ("*", *ops))


def _signed(value: int | Fraction) -> Formula:
    return number(value) if value >= 0 else Neg(number(-value))


def _size(size: Dim) -> Formula:
    """A dimension as a formula: sums and products of names."""
    terms: list[Formula] = []
    signs: list[int] = []
    for monomial, coefficient in sorted(size.terms, key=lambda term: (not term[0], term)):
        factors: list[Formula] = [Name(name) for name in monomial]
        if abs(coefficient) != 1 or not factors:
            factors.insert(0, number(abs(coefficient)))
        terms.append(
            factors[0] if len(factors) == 1 else Mul(tuple(factors), ("*",) * len(factors))
        )
        signs.append(1 if coefficient > 0 else -1)
    if len(terms) == 1:
        return terms[0] if signs[0] > 0 else Neg(terms[0])
    assert signs[0] > 0, size
    return Add(tuple(terms), tuple(signs))


_Production = Callable[[_Generator, Shape, int], "Formula | None"]
_WEIGHTED: tuple[tuple[_Production, float], ...] = (
    (_Generator.call, 10),
    (_Generator.sum, 2),
    (_Generator.sum_with_constant, 0.5),
    (_Generator.negative, 0.5),
    (_Generator.transpose, 0.5),
    (_Generator.scaled, 1.5),
    (_Generator.matrix_product, 3),
    (_Generator.triple_product, 0.7),
    (_Generator.hadamard, 1.5),
    (_Generator.power, 1),
    (_Generator.general_power, 0.5),
    (_Generator.matrix_power, 0.5),
    (_Generator.stack, 0.5),
    (_Generator.reduced_stack, 0.5),
)
_PRODUCTIONS = tuple(production for production, _ in _WEIGHTED)
_WEIGHTS = tuple(weight for _, weight in _WEIGHTED)
