"""A subgradient function for optimisers, as NumPy source.

The function runs the formula forwards and then backwards. Where a function of the formula has
several subgradients it takes the shortest one (0 for abs and norms at 0, equal shares for tied
maxima), so nothing is divided by zero. For convex formulas built by the rules of convexity this
is a subgradient; where kinks of opposite sign meet it is one element of a conservative field
(Bolte & Pauwels 2021), which is what optimisers get from automatic differentiation.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from gradform.errors import CannotError
from gradform.formula.tree import (
    Add,
    Call,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Slice,
    Stack,
    Transpose,
)
from gradform.functions import Function
from gradform.language import say
from gradform.nonsmooth.space.model import Model
from gradform.nonsmooth.space.reader import lookup_record, whole
from gradform.nonsmooth.space.squares import hidden_norm

if TYPE_CHECKING:
    from gradform.nonsmooth.space.question import SpaceQuestion

__all__ = ["numpy_source"]

_Rule: TypeAlias = tuple[str, str]
"""The value over {0}, {1}, … and, for each array argument, its share of the slope {g}, by ``|``."""

_ENTRIES: dict[str, _Rule] = {
    "abs": ("np.abs({0})", "{g} * np.sign({0})"),
    "relu": ("np.maximum({0}, 0.0)", "{g} * ({0} > 0)"),
    "hinge": ("np.maximum(1.0 - {0}, 0.0)", "-{g} * ({0} < 1)"),
    "quantile": (
        "np.maximum({1} * {0}, ({1} - 1.0) * {0})",
        "{g} * np.where({0} > 0, {1}, np.where({0} < 0, {1} - 1.0, 0.0))",
    ),
    "huber": (
        "np.where(np.abs({0}) <= {1}, {0} ** 2 / 2, {1} * (np.abs({0}) - {1} / 2))",
        "{g} * np.clip({0}, -{1}, {1})",
    ),
    "exp": ("np.exp({0})", "{g} * np.exp({0})"),
    "log": ("np.log({0})", "{g} / {0}"),
    "sqrt": ("np.sqrt({0})", "{g} * inverse(2.0 * np.sqrt({0}))"),
    "softplus": ("np.logaddexp(0.0, {0})", "{g} / (1.0 + np.exp(-{0}))"),
    "sigmoid": ("1.0 / (1.0 + np.exp(-{0}))", "{g} / (2.0 + np.exp({0}) + np.exp(-{0}))"),
    "tanh": ("np.tanh({0})", "{g} * (1.0 - np.tanh({0}) ** 2)"),
    "sin": ("np.sin({0})", "{g} * np.cos({0})"),
    "cos": ("np.cos({0})", "-{g} * np.sin({0})"),
    "log1p": ("np.log1p({0})", "{g} / (1.0 + {0})"),
    "expm1": ("np.expm1({0})", "{g} * np.exp({0})"),
    "xlogx": ("{0} * np.log(np.where({0} > 0, {0}, 1.0))", "{g} * (1.0 + np.log({0}))"),
    "clip": ("np.clip({0}, {1}, {2})", "{g} * (({0} > {1}) & ({0} < {2}))"),
}

_ARRAYS: dict[str, _Rule] = {
    "sum": ("total({0})", "{g} * np.ones_like({0})"),
    "mean": ("total({0}) / {0}.size", "{g} / {0}.size * np.ones_like({0})"),
    "tr": ("total(np.diagonal({0}))", "{g} * np.eye(len({0}))"),
    "dot": ("total({0} * {1})", "{g} * {1} | {g} * {0}"),
    "sumsq": ("total({0} ** 2)", "2.0 * {g} * {0}"),
    "norm1": ("total(np.abs({0}))", "{g} * np.sign({0})"),
    "norm2": ("length({0})", "{g} * {0} * inverse(length({0}))"),
    "norminf": ("peak(np.abs({0}))", "{g} * np.sign({0}) * tops(np.abs({0}))"),
    "norm21": (
        "total(np.linalg.norm({0}, axis=1))",
        "{g} * {0} * inverse(np.linalg.norm({0}, axis=1, keepdims=True))",
    ),
    "normnuc": ("total(np.linalg.svd({0})[1])", "{g} * polar({0})"),
    "normspec": ("peak(np.linalg.svd({0})[1])", "{g} * top_pair({0})"),
    "lambda_max": ("peak(np.linalg.eigvalsh({0}))", "{g} * top_projector({0})"),
    "lambda_min": ("-peak(np.linalg.eigvalsh(-{0}))", "{g} * top_projector(-{0})"),
    "logsumexp": ("logsumexp({0})", "{g} * np.exp({0} - logsumexp({0}))"),
    "logdet": ("np.full((1, 1), np.linalg.slogdet({0})[1])", "{g} * np.linalg.inv({0}).T"),
    "negentropy": (
        "total({0} * np.log(np.where({0} > 0, {0}, 1.0)))",
        "{g} * (1.0 + np.log({0}))",
    ),
    "geo_mean": (
        "np.exp(total(np.log({0})) / {0}.size)",
        "{g} * np.exp(total(np.log({0})) / {0}.size) / {0}.size / {0}",
    ),
    "quad_over_lin": (
        "total({0} ** 2) / {1}",
        "2.0 * {g} * {0} / {1} | -{g} * total({0} ** 2) / {1} ** 2",
    ),
    "dist_nonneg": (
        "length(np.minimum({0}, 0.0))",
        "{g} * np.minimum({0}, 0.0) * inverse(length(np.minimum({0}, 0.0)))",
    ),
    "dist_box": (
        "length({0} - np.clip({0}, {1}, {2}))",
        "{g} * ({0} - np.clip({0}, {1}, {2})) * inverse(length({0} - np.clip({0}, {1}, {2})))",
    ),
}

_HELPERS = {
    "total": "def total(u):\n    return np.sum(u).reshape(1, 1)",
    "length": "def length(u):\n    return np.sqrt(np.sum(u * u)).reshape(1, 1)",
    "inverse": (
        "def inverse(u):\n"
        '    """1/u, and 0 at 0: the shortest subgradient of a norm at 0 is 0."""\n'
        "    return np.where(u == 0, 0.0, 1.0 / np.where(u == 0, 1.0, u))"
    ),
    "peak": "def peak(u):\n    return np.max(u).reshape(1, 1)",
    "tops": (
        "def tops(u):\n"
        '    """Equal shares for the largest entries."""\n'
        "    tied = u == np.max(u)\n"
        "    return tied / np.sum(tied)"
    ),
    "largest": (
        "def largest(u, k):\n"
        '    """1 for entries above the k-th largest, equal shares of the rest for those tied."""\n'
        "    bound = np.sort(u, axis=None)[-k]\n"
        "    tied = u == bound\n"
        "    return (u > bound) + tied * (k - np.sum(u > bound)) / np.sum(tied)"
    ),
    "polar": (
        "def polar(u):\n"
        "    left, s, right = np.linalg.svd(u, full_matrices=False)\n"
        "    return (left * (s > 1e-12 * max(s[0], 1e-300))) @ right"
    ),
    "top_pair": (
        "def top_pair(u):\n"
        "    left, s, right = np.linalg.svd(u, full_matrices=False)\n"
        "    tied = (s >= s[0] * (1 - 1e-12)) & (s > 0)\n"
        "    return (left * (tied / max(np.sum(tied), 1))) @ right"
    ),
    "top_projector": (
        "def top_projector(u):\n"
        "    s, basis = np.linalg.eigh((u + u.T) / 2)\n"
        "    tied = s >= s[-1] - 1e-12 * max(1.0, np.abs(s).max())\n"
        "    return (basis * (tied / np.sum(tied))) @ basis.T"
    ),
    "logsumexp": (
        "def logsumexp(u):\n"
        "    top = np.max(u)\n"
        "    return (top + np.log(np.sum(np.exp(u - top)))).reshape(1, 1)"
    ),
    "summed": (
        "def summed(u, shape):\n"
        '    """The slope of a scalar that was spread over an array."""\n'
        "    return u if u.shape == shape else np.sum(u).reshape(1, 1)"
    ),
}


def numpy_source(question: SpaceQuestion) -> str:
    """The source of ``subgradient(variables…, params…)``, which returns a flat vector."""
    return _Writer(question).source()


class _Writer:
    """Statements for values forwards, and for slopes backwards."""

    def __init__(self, question: SpaceQuestion) -> None:
        self.question = question
        self.reader = question.reader
        question.model  # noqa: B018  reads the formula
        self.forward: list[str] = []
        self.backward: list[str] = []
        self.names: dict[int, str] = {}
        self.shapes: dict[str, tuple[int, int]] = {}
        self.moving: set[str] = set()
        self.defined: dict[str, str] = {}
        self.steps: list[Callable[[], None]] = []

    def source(self) -> str:
        for variable in self.question.variables:
            self._input(variable.name, variable.shape, True)
        for name, model in self.question.params.items():
            self._input(name, model.shape, False)
        for definition in self.question.program.definitions:
            self.defined[definition.name] = self._read(definition.value)
        result = self._read(self.question.program.body)
        for step in reversed(self.steps):
            step()
        return self._text(result)

    def _input(self, name: str, shape: tuple[int, int], moves: bool) -> None:
        local = f"{name}_"
        self.defined[name] = local
        self.shapes[local] = shape
        is_sparse = not moves and hasattr(self.question.params[name].value, "tocsr")
        convert = name if is_sparse else f"np.asarray({name}, dtype=float).reshape{shape}"
        self.forward.append(f"{local} = {convert}")
        if moves:
            self.moving.add(local)

    def _text(self, result: str) -> str:
        names = [v.name for v in self.question.variables] + list(self.question.params)
        slopes = []
        for variable in self.question.variables:
            local = f"d_{variable.name}_"
            if variable.is_symmetric:
                slopes.append(f"(({local} + {local}.T) / 2).ravel()")
            else:
                slopes.append(f"{local}.ravel()")
        zeros = [f"d_{name} = np.zeros({self.shapes[name]})" for name in sorted(self.moving)]
        start = [f"d_{result} = np.ones((1, 1))"] if result in self.moving else []
        body = [*self.forward, *zeros, *start, *self.backward]
        body.append(f"return np.concatenate([{', '.join(slopes)}])")
        text = "\n".join(body)
        helpers = [_HELPERS[name] for name in _HELPERS if f"{name}(" in text]
        doc = (
            f'    """One subgradient of {self.question.source}: the shortest of each function\n'
            '    at its kinks (0 for norms at 0, equal shares for ties)."""'
        )
        lines = [f"    {line}" for line in body]
        head = f"def subgradient({', '.join(names)}):"
        return (
            "\n\n\n".join(["import numpy as np", *helpers, "\n".join([head, doc, *lines])]) + "\n"
        )

    # ------------------------------------------------------------ statements

    def _let(self, value: str, shape: tuple[int, int], *operands: str) -> str:
        name = f"v{len(self.shapes)}"
        self.shapes[name] = shape
        self.forward.append(f"{name} = {value}")
        if any(operand in self.moving for operand in operands):
            self.moving.add(name)
        return name

    def _slope(self, name: str, operand: str, share: str) -> None:
        """operand's slope grows by its share of name's, when the backward pass comes by."""
        if operand not in self.moving:
            return
        if self.shapes[operand] == (1, 1) and self.shapes[name] != (1, 1):
            share = f"summed({share}, (1, 1))"
        line = f"d_{operand} = d_{operand} + {share}"
        self.steps.append(lambda: self.backward.append(line))

    # ------------------------------------------------------------ nodes

    def _read(self, root: Formula) -> str:
        stack: list[tuple[Formula, bool]] = [(root, False)]
        while stack:
            node, ready = stack.pop()
            if id(node) in self.names:
                continue
            if ready:
                self.names[id(node)] = self._visit(node)
                continue
            stack.append((node, True))
            stack.extend((part, False) for part in reversed(self.reader.parts(node)))
        return self.names[id(root)]

    def _shape(self, node: Formula) -> tuple[int, int]:
        return self.reader.known[id(node)].shape

    def _visit(self, node: Formula) -> str:
        hidden = hidden_norm(node, self.reader)
        if hidden is not None:
            if hidden.exponent != 1 or any(s.factor is not None for s in hidden.squares):
                raise CannotError(say("No source is written for this power."), kind="unsupported")
            return self._root([(s.weight, self.names[id(s.base)]) for s in hidden.squares])
        model = self.reader.known.get(id(node))
        match node:
            case Number():
                return self._let(f"np.full((1, 1), {float(node.value)!r})", (1, 1))
            case Name() if node.name in self.defined:
                return self.defined[node.name]
            case Neg():
                inner = self.names[id(node.operand)]
                name = self._let(f"-{inner}", self.shapes[inner], inner)
                self._slope(name, inner, f"-d_{name}")
                return name
            case Transpose():
                inner = self.names[id(node.operand)]
                rows, columns = self.shapes[inner]
                name = self._let(f"{inner}.T", (columns, rows), inner)
                self._slope(name, inner, f"d_{name}.T")
                return name
            case Add():
                return self._sum(node)
            case Mul():
                return self._product(node)
            case Power():
                return self._power(node)
            case Stack():
                return self._stack(node)
            case Call() if node.name in self.defined:
                return self._access(node)
            case Call():
                return self._call(node)
        if model is None or not model.is_constant:
            raise CannotError(say("No source is written for this formula."), kind="unsupported")
        return self._constant(model)

    def _constant(self, model: Model) -> str:
        return self._let(f"np.array({model.value.tolist()!r})", model.shape)

    def _root(self, parts: list[tuple[Fraction, str]]) -> str:
        squares = " + ".join(f"{float(w)!r} * np.sum({name} ** 2)" for w, name in parts)
        root = self._let(f"np.sqrt({squares}).reshape(1, 1)", (1, 1), *(name for _, name in parts))
        for weight, name in parts:
            self._slope(root, name, f"d_{root} * {float(weight)!r} * {name} * inverse({root})")
        return root

    def _sum(self, node: Add) -> str:
        terms = [self.names[id(term)] for term in node.terms]
        signs = ["+" if sign > 0 else "-" for sign in node.signs]
        value = " ".join(f"{s} {t}" for s, t in zip(signs, terms, strict=True)).removeprefix("+ ")
        name = self._let(value, self._shape(node), *terms)
        for sign, term in zip(node.signs, terms, strict=True):
            self._slope(name, term, f"d_{name}" if sign > 0 else f"-d_{name}")
        return name

    def _product(self, node: Mul) -> str:
        result = self.names[id(node.factors[0])]
        for op, factor in zip(node.ops[1:], node.factors[1:], strict=True):
            other = self.names[id(factor)]
            left, right = self.shapes[result], self.shapes[other]
            result = self._times(op, result, other, left, right)
        return result

    def _times(
        self, op: str, one: str, two: str, left: tuple[int, int], right: tuple[int, int]
    ) -> str:
        shape = left if left != (1, 1) else right
        if op in ("/", "./"):
            name = self._let(f"{one} / {two}", shape, one, two)
            self._slope(name, one, f"d_{name} / {two}")
            self._slope(name, two, f"-d_{name} * {one} / {two} ** 2")
        elif op == "*" and (1, 1) not in (left, right):
            name = self._let(f"{one} @ {two}", (left[0], right[1]), one, two)
            self._slope(name, one, f"d_{name} @ {two}.T")
            self._slope(name, two, f"{one}.T @ d_{name}")
        else:
            name = self._let(f"{one} * {two}", shape, one, two)
            self._slope(name, one, f"d_{name} * {two}")
            self._slope(name, two, f"d_{name} * {one}")
        return name

    def _power(self, node: Power) -> str:
        base, exponent = self.names[id(node.base)], self.names[id(node.exponent)]
        if exponent in self.moving or (self.shapes[base] != (1, 1) and not node.elementwise):
            raise CannotError(say("No source is written for this power."), kind="unsupported")
        shape = self._shape(node)
        name = self._let(f"{base} ** {exponent}", shape, base)
        self._slope(name, base, f"d_{name} * {exponent} * {base} ** ({exponent} - 1)")
        return name

    def _stack(self, node: Stack) -> str:
        rows = [[self.names[id(block)] for block in row] for row in node.rows]
        value = f"np.block([{', '.join('[' + ', '.join(row) + ']' for row in rows)}])"
        name = self._let(value, self._shape(node), *(block for row in rows for block in row))
        top = 0
        for row in rows:
            left = 0
            for block in row:
                height, width = self.shapes[block]
                place = f"[{top}:{top + height}, {left}:{left + width}]"
                self._slope(name, block, f"d_{name}{place}")
                left += width
            top += self.shapes[row[0]][0]
        return name

    def _access(self, node: Call) -> str:
        array = self.defined[node.name]
        rows, columns = self.shapes[array]
        if len(node.args) == 1:
            place = self._range(node.args[0], rows * columns)
            index = f"[:, {place}]" if rows == 1 and columns > 1 else f"[{place}]"
        else:
            first = self._range(node.args[0], rows)
            index = f"[{first}, {self._range(node.args[1], columns)}]"
        name = self._let(f"{array}{index}", self._shape(node), array)
        if array in self.moving:
            line = f"d_{array}{index} += d_{name}"
            self.steps.append(lambda: self.backward.append(line))
        return name

    def _range(self, index: Formula, length: int) -> str:
        if isinstance(index, Slice):
            start = 1 if index.start is None else whole(index.start)
            stop = length if index.stop is None else whole(index.stop)
        else:
            start = stop = whole(index)
        return f"{start - 1}:{stop}"

    # ------------------------------------------------------------ functions

    def _call(self, node: Call) -> str:
        record = lookup_record(node.name)
        model = self.reader.known[id(node)]
        arguments = [self.names[id(part)] for part in self.reader.parts(node)]
        if not any(argument in self.moving for argument in arguments):
            return self._constant(model)
        if record.name.startswith("ind_"):
            return self._let("np.zeros((1, 1))", (1, 1))
        if record.name in ("max", "min", "maximum", "minimum"):
            return self._extreme(record, arguments, model.shape)
        if record.name == "sum_largest":
            return self._sum_largest(arguments[0], whole(node.args[1]))
        rule = _ENTRIES.get(record.name) or _ARRAYS.get(record.name)
        if rule is None or len(node.args) != len(arguments):
            raise CannotError(
                say("No source is written for {name}.", name=record.name), kind="unsupported"
            )
        arguments += [
            self._let(f"np.full((1, 1), {float(v)!r})", (1, 1))
            for v in record.defaults[len(arguments) - record.arity[0] :]
        ]
        name = self._let(rule[0].format(*arguments), model.shape, *arguments)
        for argument, share in zip(arguments, rule[1].split(" | "), strict=False):
            self._slope(name, argument, share.format(*arguments, g=f"d_{name}"))
        if any(argument in self.moving for argument in arguments[rule[1].count(" | ") + 1 :]):
            raise CannotError(
                say("{name} with this argument.", name=record.name), kind="unsupported"
            )
        return name

    def _sum_largest(self, inner: str, count: int) -> str:
        name = self._let(
            f"np.sum(np.sort({inner}, axis=None)[-{count}:]).reshape(1, 1)", (1, 1), inner
        )
        self._slope(name, inner, f"d_{name} * largest({inner}, {count})")
        return name

    def _extreme(self, record: Function, arguments: list[str], shape: tuple[int, int]) -> str:
        is_max = record.name.startswith("max")
        if len(arguments) == 1:
            (inner,) = arguments
            if shape != (1, 1):
                raise CannotError(
                    say("No source is written for extremes along an axis."), kind="unsupported"
                )
            turned = inner if is_max else f"-{inner}"
            value = f"peak({turned})" if is_max else f"-peak({turned})"
            name = self._let(value, (1, 1), inner)
            self._slope(name, inner, f"d_{name} * tops({turned})")
            return name
        function = "np.maximum" if is_max else "np.minimum"
        name = self._let(f"{function}.reduce([{', '.join(arguments)}])", shape, *arguments)
        ties = " + ".join(f"1.0 * ({other} == {name})" for other in dict.fromkeys(arguments))
        for argument in dict.fromkeys(arguments):
            self._slope(name, argument, f"d_{name} * ({argument} == {name}) / ({ties})")
        return name
