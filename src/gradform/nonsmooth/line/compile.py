"""From a formula to a curve, with what the formula needs to be defined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache

from gradform.errors import CannotError, GradformError, InputError, ShapeError, UnknownNameError
from gradform.exact import INFINITY, Real, apply
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
    Transpose,
    children,
)
from gradform.functions import Function, Typed, lookup
from gradform.functions.shapes import SCALAR
from gradform.ir.nodes import Apply, Coefficient, Contraction, Node, Sum, symbol
from gradform.language import say
from gradform.nonsmooth.line.curve import (
    Curve,
    X,
    absolute,
    add,
    constant,
    extreme,
    floor,
    function,
    multiply,
    negate,
    power,
    sign,
    subtract,
    where,
)
from gradform.nonsmooth.line.outer import Outer
from gradform.records import record
from gradform.syntax.elaborate import elaborate
from gradform.syntax.parser import parse_formula

__all__ = ["CONSTANTS", "Need", "Read", "exact_number", "read_curve"]


@record
class Need:
    """``curve relation 0`` must hold wherever all ``guards`` do, else ``what`` is undefined."""

    curve: Curve
    relation: str
    what: str
    guards: tuple[tuple[str, Curve], ...] = ()


@record
class Read:
    """A formula read as a curve."""

    curve: Curve
    needs: tuple[Need, ...]


def read_curve(program: Program, variable: str, values: Mapping[str, Real]) -> Read:
    """The formula as a function of one variable; other names must have values."""
    names = {variable: X, **{name: constant(value) for name, value in values.items()}}
    if _makes_arrays(program):
        return _read_arrays(program, names)
    reader = _Reader(names)
    try:
        for definition in program.definitions:
            reader.names[definition.name] = reader.read(definition.value)
        curve = reader.read(program.body)
    except GradformError as error:
        raise error.in_source(program.source) from None
    return Read(curve, tuple(dict.fromkeys(reader.needs)))


def _makes_arrays(program: Program) -> bool:
    """Whether the formula holds a constant vector or matrix, such as ones(3)."""
    stack: list[Formula] = [program.body, *(each.value for each in program.definitions)]
    while stack:
        node = stack.pop()
        stack.extend(children(node))
        found = lookup(node.name) if isinstance(node, Call) else None
        if found is not None and (found.sized or "dim" in found.kinds(len(found.parameters))):
            return True
    return False


def _read_arrays(program: Program, names: dict[str, Curve]) -> Read:
    """A formula with vectors or matrices inside, by the expression that it stands for.

    Raises ShapeError where sizes are not known or do not fit, CannotError where entries
    cannot be taken one by one.
    """
    function = elaborate(program, declared=dict.fromkeys(sorted(names), ()))
    reader = _Reader(names)
    known: dict[Node, Curve] = {
        function.variables[name].symbol: curve for name, curve in names.items()
    }
    curve = reader.from_node(function.value.node, known)
    return Read(curve, tuple(dict.fromkeys(reader.needs)))


def exact_number(text: str) -> Real:
    """``1/3``, ``sqrt(2)``, ``-LambertW(1)``, ``-inf`` as an exact number."""
    stripped = text.strip()
    if stripped in ("inf", "+inf", "-inf", "∞", "+∞", "-∞"):
        return -INFINITY if stripped.startswith("-") else INFINITY
    curve = read_curve(parse_formula(text), "", {}).curve
    if not curve.is_constant:
        raise InputError(
            say("'{text}' is not a number.", text=text),
            kind="number",
            hint=say("Write an exact number such as 1/3, sqrt(2) or exp(-1)."),
        )
    return curve.value


CONSTANTS: dict[str, Callable[[], Real]] = {"pi": Real.pi, "EulerGamma": Real.euler_gamma}


class _Reader:
    def __init__(self, names: dict[str, Curve]) -> None:
        self.names = names
        self.needs: list[Need] = []
        self.guards: tuple[tuple[str, Curve], ...] = ()

    def need(self, curve: Curve, relation: str, what: str) -> None:
        if not curve.is_constant:
            self.needs.append(Need(curve, relation, what, self.guards))

    def read(self, node: Formula) -> Curve:
        try:
            return self._read(node)
        except (ValueError, ZeroDivisionError) as error:
            raise InputError(
                say("This number is not defined: {error}.", error=error),
                kind="undefined",
                span=node.span,
            ) from None

    def _read(self, node: Formula) -> Curve:
        match node:
            case Number():
                return constant(node.value)
            case Name():
                return self._name(node)
            case Neg():
                return negate(self.read(node.operand))
            case Add():
                pairs = zip(node.signs, map(self.read, node.terms), strict=True)
                return add(*(term if s > 0 else negate(term) for s, term in pairs))
            case Mul():
                return self._product(node)
            case Power():
                return self._power(self.read(node.base), self.read(node.exponent), node)
            case Transpose():
                return self.read(node.operand)
            case Call():
                return self._call(node)
        raise ShapeError(
            say("Only scalars have a place in a function of one variable."),
            kind="not_scalar",
            span=node.span,
        )

    def _name(self, node: Name) -> Curve:
        if node.name in self.names:
            return self.names[node.name]
        if node.name in CONSTANTS:
            return constant(CONSTANTS[node.name]())
        raise UnknownNameError(
            say("'{name}' has no value here.", name=node.name),
            kind="undefined_variable",
            span=node.span,
            hint=say("Give it one: params={{'{name}': 1}}", name=node.name),
        )

    def _product(self, node: Mul) -> Curve:
        result = self.read(node.factors[0])
        for op, factor in zip(node.ops[1:], node.factors[1:], strict=True):
            other = self.read(factor)
            if op in ("/", "./"):
                self.need(other, "!=", say("a quotient"))
                other = power(other, -1)
            result = multiply(result, other)
        return result

    def _power(self, base: Curve, exponent: Curve, node: Formula) -> Curve:
        rational = exponent.value.rational if exponent.is_constant else None
        if rational is None:
            self.need(base, ">", say("a power with this exponent"))
            return function("exp", multiply(exponent, function("log", base)))
        if abs(rational) > 1000 or rational.denominator > 1000:
            raise CannotError(
                say("The exponent {rational} is too large for an exact answer.", rational=rational),
                kind="too_large",
                span=node.span,
            )
        if rational.denominator > 1:
            self.need(base, ">" if rational < 0 else ">=", say("a root"))
        elif rational < 0:
            self.need(base, "!=", say("a negative power"))
        return power(base, rational)

    # ------------------------------------------------------------ functions

    def _call(self, node: Call) -> Curve:
        record = lookup(node.name)
        if record is None:
            raise UnknownNameError(
                say("There is no function '{name}'.", name=node.name),
                kind="unknown_function",
                span=node.name_span,
                hint=say("gradform functions lists them"),
            )
        if not record.accepts(len(node.args)):
            raise InputError(
                say("{name} takes another number of arguments.", name=node.name),
                kind="arity",
                span=node.span,
                hint=record.arity_hint,
            )
        if record.name == "piecewise":
            return self._piecewise(node)
        numbers = [
            _whole(arg)
            for arg, kind in zip(node.args, record.kinds(len(node.args)), strict=True)
            if kind == "int"
        ]
        arguments = [
            self.read(arg)
            for arg, kind in zip(node.args, record.kinds(len(node.args)), strict=True)
            if kind == "expr"
        ]
        return self._applied(record, arguments, numbers)

    def _applied(self, record: Function, arguments: list[Curve], numbers: list[int]) -> Curve:
        name = record.name.lower()
        if name in _STRUCTURAL:
            return _STRUCTURAL[name](*arguments)
        if name == "sqrt":
            self.need(arguments[0], ">=", say("a root"))
            return power(arguments[0], Fraction(1, 2))
        if name in _ELEMENTARY:
            for curve, relation in _ELEMENTARY[name](arguments[0]):
                self.need(curve, relation, name)
            if name == "lambertw" and not numbers:
                numbers = [0]
            return function(name, arguments[0], *numbers)
        if record.definition is not None:
            given = [*arguments, *map(constant, record.defaults_for(len(arguments)))]
            inside = dict(zip("xyzuvw", given, strict=False))
            inner = _Reader(inside)
            inner.guards = self.guards
            curve = inner.read(_parsed(record.definition))
            self.needs += inner.needs
            _note_outer(record.definition, curve, given)
            return curve
        return self._fromfrom_node(record, arguments)

    def _fromfrom_node(self, record: Function, arguments: list[Curve]) -> Curve:
        """A function of vectors applied to numbers, by the expression that it builds."""
        symbols = [symbol(f"argument {k}", ()) for k in range(len(arguments))]
        node = record.value([Typed(each, SCALAR) for each in symbols], SCALAR)
        if isinstance(node, Apply) and node.fn is record:
            raise CannotError(
                say("{name} has no exact form for numbers.", name=record.name), kind="unsupported"
            )
        return self.from_node(node, dict(zip(symbols, arguments, strict=True)))

    def from_node(self, node: Node, known: Mapping[Node, Curve]) -> Curve:
        """The curve of an expression of numbers."""
        if node in known:
            return known[node]
        match node:
            case Sum():
                return add(
                    *(multiply(_number(c), self.from_node(term, known)) for c, term in node.terms)
                )
            case Contraction() if not node.dims:
                factors = [
                    self._raised(self.from_node(factor, known), exponent)
                    for factor, _, exponent in node.factors
                ]
                return multiply(_number(node.coefficient), *factors)
            case Apply() if node.rank == 0:
                found = lookup(node.fn.name)
                if found is not None:
                    return self._applied(
                        found, [self.from_node(arg, known) for arg in node.args], []
                    )
        raise CannotError(
            say("This function has no exact form for numbers here."), kind="unsupported"
        )

    def _raised(self, base: Curve, exponent: Coefficient) -> Curve:
        rational = Fraction(exponent)
        if rational.denominator > 1:
            self.need(base, ">" if rational < 0 else ">=", say("a root"))
        elif rational < 0:
            self.need(base, "!=", say("a quotient"))
        return power(base, rational)

    def _piecewise(self, node: Call) -> Curve:
        """Each value is needed only where its condition holds and those before do not."""
        *pairs, last = node.args
        relations: list[str] = []
        args: list[Curve] = []
        before = self.guards
        for test, value in zip(pairs[::2], pairs[1::2], strict=True):
            if not isinstance(test, Compare):
                raise InputError(
                    say("A condition is expected here."), kind="condition", span=test.span
                )
            difference = subtract(self.read(test.left), self.read(test.right))
            guards = self.guards
            self.guards = (*guards, (test.operator, difference))
            args += [difference, self.read(value)]
            relations.append(test.operator)
            self.guards = (*guards, (_OPPOSITE[test.operator], difference))
        args.append(self.read(last))
        self.guards = before
        return where(tuple(relations), *args)


_OPPOSITE = {"<": ">=", ">=": "<", "<=": ">", ">": "<=", "==": "!=", "!=": "=="}

_STRUCTURAL: dict[str, Callable[..., Curve]] = {
    "abs": absolute,
    "max": lambda *curves: extreme("max", *curves),
    "min": lambda *curves: extreme("min", *curves),
    "maximum": lambda *curves: extreme("max", *curves),
    "minimum": lambda *curves: extreme("min", *curves),
    "sign": sign,
    "floor": floor,
}


def _anywhere(u: Curve) -> Sequence[tuple[Curve, str]]:
    return ()


def _positive(u: Curve) -> Sequence[tuple[Curve, str]]:
    return ((u, ">"),)


def _within_one(u: Curve) -> Sequence[tuple[Curve, str]]:
    return ((add(constant(1), u), ">="), (subtract(constant(1), u), ">="))


_ELEMENTARY: dict[str, Callable[[Curve], Sequence[tuple[Curve, str]]]] = {
    **dict.fromkeys(
        ("exp", "sin", "cos", "atan", "sinh", "cosh", "tanh", "erf", "erfc"), _anywhere
    ),
    **dict.fromkeys(("log", "gamma", "lgamma", "digamma", "polygamma"), _positive),
    **dict.fromkeys(("asin", "acos"), _within_one),
    "tan": lambda u: ((function("cos", u), "!="),),
    "lambertw": lambda u: ((add(u, constant(apply("exp", Real.of(-1)))), ">="),),
}


def _note_outer(definition: str, curve: Curve, arguments: list[Curve]) -> None:
    """Remember that the curve is h(u), for the rules of composition."""
    changing = [k for k, argument in enumerate(arguments) if not argument.is_constant]
    if len(changing) != 1 or curve.is_constant or "outer" in curve.memo:
        return
    (place,) = changing
    names = dict(zip("xyzuvw", arguments, strict=False))
    reader = _Reader({**names, "xyzuvw"[place]: X})
    outer = reader.read(_parsed(definition))
    if arguments[place] is not curve:
        curve.memo["outer"] = Outer(outer, arguments[place])


def _number(value: Coefficient) -> Curve:
    return constant(Real.of(value))


def _whole(node: Formula) -> int:
    negative = isinstance(node, Neg)
    inner = node.operand if isinstance(node, Neg) else node
    if isinstance(inner, Number) and inner.value.denominator == 1:
        return -int(inner.value) if negative else int(inner.value)
    raise InputError(say("A whole number is expected here."), kind="number", span=node.span)


@cache
def _parsed(definition: str) -> Formula:
    return parse_formula(definition).body
