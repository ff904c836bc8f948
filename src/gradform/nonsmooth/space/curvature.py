"""Convexity of functions of several variables, proved from the form of the formula.

Composition rules (Boyd & Vandenberghe, 3.2.4) with the facts of the function records, sound
ranges, and four decisions that rules alone miss: functions of one linear form by the
one-variable engine, quadratic functions by LDL', sums of |aₖ'x + bₖ| by their planes, and
products x'Px by the matrix between.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from gradform.errors import GradformError
from gradform.exact import INFINITY, Real
from gradform.formula.tree import (
    Add,
    Call,
    Compare,
    Formula,
    Mul,
    Name,
    Neg,
    Power,
    Stack,
    Transpose,
)
from gradform.functions import Function, lookup
from gradform.language import Message, joined, phrase, say
from gradform.nonsmooth.line.curve import Curve, X, add, constant, multiply, power, where
from gradform.nonsmooth.line.domain import LINE, Interval
from gradform.nonsmooth.line.shape import linear_in_x
from gradform.nonsmooth.space.arithmetic import scaled, total_of
from gradform.nonsmooth.space.atoms import NONNEGATIVE
from gradform.nonsmooth.space.changes import Array, Linear, dense
from gradform.nonsmooth.space.entries import is_entrywise, line_of
from gradform.nonsmooth.space.entrywise import (
    Entrywise,
    entrywise_call,
    entrywise_power,
    interval_of,
)
from gradform.nonsmooth.space.exactly import decimal
from gradform.nonsmooth.space.facts import EVERYTHING, Fact, Range, Ridge, fixed, substituted
from gradform.nonsmooth.space.folded import Folded, absolute_sum
from gradform.nonsmooth.space.model import Model
from gradform.nonsmooth.space.quadratic import definiteness
from gradform.nonsmooth.space.squares import hidden_norm, squares_of
from gradform.notation.text import to_text
from gradform.records import replaced

if TYPE_CHECKING:
    from gradform.nonsmooth.space.question import SpaceQuestion

__all__ = ["Analysis"]

_INCREASING_ON_NONNEGATIVE = frozenset(
    {"norm1", "norm2", "norminf", "norm21", "sumsq", "quad_over_lin", "normspec"}
)
_ALSO_CONVEX = frozenset({"dist_affine", "ind_affine", "ind_box", "mse"})
_LINEAR_PIECES = frozenset(
    {"norm1", "norminf", "max", "min", "maximum", "minimum", "sum", "mean", "sum_largest",
     "median", "tr", "clip"}
)  # fmt: skip
_LINEAR = frozenset({"dot", "outer", "kron", "vec", "diag", "cumsum"})
"""Linear in each argument."""
_FILLED = frozenset({"vector", "matrix"})
"""All entries are the argument."""
_EXTREMES = {"max": 1, "maximum": 1, "min": -1, "minimum": -1}


class Analysis:
    """Facts of all parts of a question's formula."""

    def __init__(self, question: SpaceQuestion) -> None:
        self.question = question
        self.reader = question.reader
        question.model  # noqa: B018  reads the formula
        self.facts: dict[int, Fact] = {}
        self.domains: dict[Message, None] = {}
        self.named: dict[str, Fact] = {}
        for variable in question.variables:
            self.named[variable.name] = self._affine(self.reader.names[variable.name])
        for name, model in question.params.items():
            self.named[name] = _fixed_model(model)
        for definition in question.program.definitions:
            self.named[definition.name] = self.of(definition.value)
        self.fact = self.of(question.program.body)

    def of(self, root: Formula) -> Fact:
        """The fact of a part, iteratively."""
        stack: list[tuple[Formula, bool]] = [(root, False)]
        while stack:
            node, ready = stack.pop()
            if id(node) in self.facts:
                continue
            if ready:
                self.facts[id(node)] = self._strengthened(node, self._visit(node))
                continue
            stack.append((node, True))
            stack.extend((part, False) for part in self.reader.parts(node))
        return self.facts[id(root)]

    def proof(self) -> list[Message]:
        """One line for each part that is not affine."""
        lines: dict[Message, None] = {}
        for definition in self.question.program.definitions:
            self._told(definition.value, lines)
        self._told(self.question.program.body, lines)
        return list(lines)

    @property
    def is_piecewise_linear(self) -> bool:
        """Whether the form shows that: sums of kinks of affine functions."""
        return self.fact.linear_pieces

    def _told(self, root: Formula, lines: dict[Message, None]) -> None:
        stack = [(root, False)]
        while stack:
            node, ready = stack.pop()
            fact = self.facts.get(id(node))
            if fact is None or fact.is_affine:
                continue
            if not ready:
                stack.append((node, True))
                stack.extend((part, False) for part in reversed(self.reader.parts(node)))
                continue
            lines[_line_of(node, fact)] = None

    # ------------------------------------------------------------ forms

    def _model(self, node: Formula) -> Model:
        return self.reader.known[id(node)]

    def _affine(self, model: Model) -> Fact:
        """An affine map of the variables, known from its value and Jacobian at the point."""
        change = model.change
        if not isinstance(change, Linear) or change.matrix.shape[0] * change.matrix.shape[1] > 4096:
            return Fact(EVERYTHING, True, True, degree=1, linear_pieces=True)
        matrix = dense(change.matrix)
        offset = model.flat - matrix @ self.question.point
        return Fact(
            EVERYTHING,
            True,
            True,
            degree=1,
            ridge=self._ridge(model, matrix),
            folded=Folded.affine(matrix, offset),
            linear_pieces=True,
        )

    def _ridge(self, model: Model, matrix: Array) -> Ridge | None:
        """Entries a·tᵢ + b with the same a and b, all numbers short decimals."""
        first = next((float(v) for v in matrix.ravel() if v), 0.0)
        if not first or model.error > 1e-6 or not np.abs(matrix).sum(axis=1).all():
            return None
        entries = decimal(np.concatenate([matrix.ravel(), [first]]).reshape(1, -1))
        if entries.denominator > 10**9:
            return None
        value, point = model.exact, decimal(self.question.point.reshape(-1, 1))
        if value is None:
            return None
        numbers = entries.fractions()
        assert numbers is not None
        rows = decimal(matrix)
        moved = (rows @ point).fractions()
        known = value.fractions()
        if known is None or moved is None:
            return None
        offsets = {v - m for v, m in zip(known, moved, strict=True)}
        if len(offsets) != 1:
            return None
        direction = matrix / first + 0.0
        curve = add(multiply(constant(numbers[-1]), X), constant(offsets.pop()))
        row = direction[0]
        return Ridge(direction.round(12).tobytes(), row / float(row @ row), curve, LINE)

    def _strengthened(self, node: Formula, fact: Fact) -> Fact:
        """Decisions by the form, where the rules have none; affine models as such."""
        if fact.is_constant:
            return fact
        if not fact.linear_pieces and (fact.is_affine or self._keeps_pieces(node)):
            fact = replaced(fact, linear_pieces=True)
        if fact.is_affine:
            model = self._model(node) if id(node) in self.reader.known else None
            if model is not None and model.change is not None and fact.ridge is None:
                known = self._affine(model)
                return replaced(known, range=fact.range)
            return fact
        if fact.ridge is not None and not fact.is_known:
            line = Entrywise(fact.ridge.curve, fact.ridge.domain)
            label = line.convexity(fact.ridge.domain).label
            if label in ("convex", "concave", "affine"):
                return replaced(
                    fact,
                    convex=label != "concave",
                    concave=label != "convex",
                    rule=say("a function of one linear form, by its second derivative"),
                )
        if fact.folded is not None and not fact.is_known and len(fact.folded.linear) == 1:
            weights = [weight for _, weight in absolute_sum(fact.folded)]
            return replaced(
                fact,
                convex=all(w >= 0 for w in weights),
                concave=all(w <= 0 for w in weights),
                rule=say("the slopes across each plane of kinks, added up, never fall")
                if all(w >= 0 for w in weights)
                else fact.rule,
            )
        return fact

    def _keeps_pieces(self, node: Formula) -> bool:
        """Whether a part is piecewise linear, when its parts are."""
        if hidden_norm(node, self.reader) is not None:
            return False
        parts = [self.facts[id(part)] for part in self.reader.parts(node)]
        if not all(part.linear_pieces for part in parts):
            return False
        match node:
            case Name():
                return self.named[node.name].linear_pieces if node.name in self.named else True
            case Neg() | Add() | Transpose() | Stack():
                return True
            case Mul():
                varying = [k for k, part in enumerate(parts) if not part.is_constant]
                return varying in ([], [0]) or (
                    len(varying) == 1 and node.ops[varying[0]] not in ("/", "./")
                )
            case Call():
                if node.name in self.named:
                    return self.named[node.name].linear_pieces
                if node.name in _FILLED:
                    return True
                if node.name in _LINEAR:
                    return sum(not part.is_constant for part in parts) <= 1
                return node.name in _LINEAR_PIECES or self._has_linear_pieces(node)
        return False

    def _has_linear_pieces(self, node: Call) -> bool:
        """Of a function of entries: linear between its kinks."""
        record = lookup(node.name)
        if record is None or not (record.elementwise or is_entrywise(record)):
            return False
        try:
            found = line_of(record, [self._model(part) for part in self.reader.parts(node)])
            if found is None or found[1].domain != LINE:
                return False
            return all(curve.is_constant for curve in found[1].slope_curves())
        except GradformError:
            return False

    # ------------------------------------------------------------ nodes

    def _visit(self, node: Formula) -> Fact:
        model = self.reader.known.get(id(node))
        hidden = hidden_norm(node, self.reader)
        if hidden is not None:
            root = self._root([self.facts[id(square.base)] for square in hidden.squares])
            return (
                root
                if hidden.exponent == 1
                else self._raised(root, hidden.exponent, say("a power"))
            )
        parts = [self.facts[id(part)] for part in self.reader.parts(node)]
        if isinstance(node, Name) or (isinstance(node, Call) and node.name in self.named):
            return self._name(node, model)
        if all(part.is_constant for part in parts) and model is not None:
            return _fixed_model(model)
        match node:
            case Neg():
                return parts[0].turned()
            case Transpose():
                return replaced(parts[0], ridge=None, folded=None)  # the same entries
            case Stack():
                return _all_of(parts)
            case Add():
                return self._sum(node, parts)
            case Mul():
                return self._product(node)
            case Power():
                return self._power(node, parts)
            case Call():
                return self._call(node, parts)
        return _fixed_model(model) if model is not None else Fact()

    def _name(self, node: Name | Call, model: Model | None) -> Fact:
        fact = self.named.get(node.name)
        if fact is None:
            assert model is not None
            return _fixed_model(model)
        if isinstance(node, Call):
            if fact.is_constant and model is not None:
                return _fixed_model(model)
            return replaced(fact, ridge=None, folded=None)
        return fact

    def _root(self, parts: list[Fact]) -> Fact:
        if all(part.is_affine for part in parts):
            return Fact((0.0, np.inf), True, False, rule=say("a norm of affine functions"))
        nonnegative = all(part.suits_norms for part in parts)
        return Fact((0.0, np.inf), nonnegative, False, rule=say("a norm of convex functions >= 0"))

    def _sum(self, node: Add, parts: list[Fact]) -> Fact:
        signed = [p if s > 0 else p.turned() for p, s in zip(parts, node.signs, strict=True)]
        found = _added(signed)
        if found.ridge is None and not found.is_affine:
            turned = [
                scaled(Fraction(sign), self._model(t))
                for t, sign in zip(node.terms, node.signs, strict=True)
            ]
            form = _one_form(list(zip(signed, turned, strict=True)))
            if form is not None:
                first, curves, domain = form
                ridge = Ridge(first.key, first.direction, add(*curves), domain)
                found = replaced(found, ridge=ridge)
        if found.is_known:
            return replaced(found, rule=say("a sum of such"))
        groups = self._grouped(signed, [self._model(t).size for t in node.terms], node)
        together = _added(groups)
        rules = joined(dict.fromkeys(g.rule for g in groups if g.rule), "; ")
        rule = say("terms taken together: {rules}", rules=rules)
        return replaced(found, convex=together.convex, concave=together.concave, rule=rule)

    def _grouped(self, terms: list[Fact], sizes: list[int], node: Add) -> list[Fact]:
        """Terms of one linear form together, and quadratic ones."""
        rest: list[Fact] = []
        ridges: dict[bytes, list[Fact]] = {}
        quadratic: list[Formula] = []
        signs: list[int] = []
        of_quadratic: list[Fact] = []
        crossed = any(t.degree == 2 and t.ridge is None and not t.is_affine for t in terms)
        for term, fact, sign, size in zip(node.terms, terms, node.signs, sizes, strict=True):
            if fact.is_affine:
                rest.append(fact)
            elif fact.ridge is not None and not (crossed and fact.degree == 2):
                ridges.setdefault(fact.ridge.key, []).append(fact)
            elif fact.degree == 2 and size == 1:
                quadratic.append(term)
                signs.append(sign)
                of_quadratic.append(fact)
            else:
                rest.append(fact)
        for group in ridges.values():
            together = _added(group)
            if not together.is_known:
                together = self._strengthened(node, replaced(together, folded=None))
            rest.append(together)
        if quadratic and all(fact.is_known for fact in of_quadratic) and not ridges:
            known = _added(of_quadratic)
            if known.is_known:
                return [*rest, known]
        if quadratic:
            rest.append(self._quadratic(quadratic, signs, of_quadratic))
        return rest

    def _quadratic(self, terms: list[Formula], signs: list[int], facts: list[Fact]) -> Fact:
        hessian = self.question.hessian_of(terms, signs)
        if hessian is None:
            return _added(facts)
        up, down = definiteness(hessian)
        return Fact(
            convex=up is True, concave=down is True, degree=2,
            rule=say("a quadratic function, its Hessian semidefinite by LDL'"),
        )  # fmt: skip

    # ------------------------------------------------------------ products

    def _product(self, node: Mul) -> Fact:
        facts = [self.facts[id(factor)] for factor in node.factors]
        varying = [k for k, fact in enumerate(facts) if not fact.is_constant]
        square = self._squared(node, varying)
        if square is not None:
            return square
        result, size = facts[0], self._model(node.factors[0])
        value: Model | None = self._model(node.factors[0])
        for op, factor, fact in zip(node.ops[1:], node.factors[1:], facts[1:], strict=True):
            other = self._model(factor)
            if op in ("/", "./"):
                fact = self._reciprocal(fact, other)
            is_matrix = op == "*" and size.size > 1 and other.size > 1
            result = self._times(
                result,
                value,
                fact,
                other if fact.is_constant else None,
                is_matrix,
                size.shape,
                other.shape,
                op in ("/", "./"),
            )
            rows = size.shape[0] if is_matrix else max(size.shape[0], other.shape[0])
            columns = other.shape[1] if is_matrix else max(size.shape[1], other.shape[1])
            size = Model(np.empty((rows, columns)), 0.0, None, lambda: None, size.ties)
            value = None
        return self._over(node, facts, result)

    def _squared(self, node: Mul, varying: list[int]) -> Fact | None:
        """u'·P·u with P constant, u.*u"""
        divided = [k for k, op in enumerate(node.ops) if op in ("/", "./") and k]
        if len(varying) != 2 or any(k <= varying[1] for k in divided):
            return None
        first, second = (node.factors[k] for k in varying)
        outside = [k for k in range(len(node.factors)) if not varying[0] <= k <= varying[1]]
        if any(self._model(node.factors[k]).size != 1 for k in outside):
            return None
        numbers = [self._model(node.factors[k]).number for k in outside]
        powers = [n if k not in divided else 1 / n for k, n in zip(outside, numbers, strict=True)]
        factor = float(np.prod(powers or [1.0]))
        inner = self.facts[id(second)]
        between = [self._model(node.factors[k]) for k in range(varying[0] + 1, varying[1])]
        if to_text(first) == to_text(second) and self._model(first).size == 1:
            line = self._composed(inner, entrywise_power(Fraction(2)), say("a square"))
            line = replaced(line, degree=2 if inner.is_affine else None, folded=None)
            if not between and factor > 0:
                low, high = line.range
                return replaced(line, range=(factor * low, factor * high), ridge=None)
        if isinstance(first, Transpose) and to_text(first.operand) == to_text(second):
            if self._model(second).shape[1] != 1:
                return None
            matrix = np.eye(self._model(second).size)
            for part in between:
                matrix = matrix * part.number if part.size == 1 else matrix @ dense(part.value)
            up, down = definiteness((matrix + matrix.T) * factor)
            nonnegative = inner.convex and inner.range[0] >= 0 and (matrix * factor >= 0).all()
            return Fact(
                (0.0, np.inf) if up else (-np.inf, 0.0) if down else EVERYTHING,
                bool(up) and (inner.is_affine or bool(nonnegative)),
                bool(down) and inner.is_affine,
                degree=2 if inner.is_affine else None,
                rule=say("a quadratic form, its matrix semidefinite by LDL'"),
            )
        return None

    def _reciprocal(self, fact: Fact, model: Model) -> Fact:
        if fact.is_constant:
            with np.errstate(divide="ignore"):
                return fixed(1.0 / np.asarray(model.value))
        return self._raised(fact, Fraction(-1), say("a reciprocal"))

    def _raised(self, base: Fact, exponent: Fraction, what: str) -> Fact:
        """A power; whole negative ones only where the base keeps its sign."""
        low, high = base.range
        if exponent.denominator == 1 and exponent < 0 and low < 0:
            if high > 0:
                return Fact(rule=say("{what} of what changes its sign", what=what))
            line = Entrywise(power(X, exponent), Interval(-INFINITY, Real.of(0)))
            return self._composed(base, line, what)
        return self._composed(base, entrywise_power(exponent), what)

    def _times(
        self, left: Fact, left_model: Model | None, right: Fact, right_model: Model | None,
        is_matrix: bool, left_shape: tuple[int, int], right_shape: tuple[int, int], inverse: bool,
    ) -> Fact:  # fmt: skip
        if left.is_constant and right.is_constant:
            ends = _ends(left.range, right.range)
            count = left_shape[1] if is_matrix else 1
            return Fact(
                (
                    count * min(ends) if min(ends) < 0 else min(ends),
                    count * max(ends) if max(ends) > 0 else max(ends),
                ),
                True,
                True,
                is_constant=True,
                degree=0,
            )
        if left.is_constant or right.is_constant:
            number, other = (left, right) if left.is_constant else (right, left)
            sign = 1 if number.range[0] >= 0 else -1 if number.range[1] <= 0 else 0
            convex = (sign > 0 and other.convex) or (sign < 0 and other.concave)
            concave = (sign > 0 and other.concave) or (sign < 0 and other.convex)
            affine = other.is_affine
            count = left_shape[1] if is_matrix else 1
            low, high = _hull(number.range, other.range)
            ridge, folded = None, None
            model = left_model if left.is_constant else right_model
            if model is not None and model.size == 1 and not (inverse and model is left_model):
                ridge = _scaled_ridge(other.ridge, model, inverse)
                factor = 1 / model.number if inverse else model.number
                folded = other.folded and other.folded.scaled(factor)
            elif model is not None and left.is_constant and right_shape[1] == 1 and is_matrix:
                plain = other.folded is not None and not sparse.issparse(model.value)
                folded = other.folded.mapped(model.value) if plain and other.folded else None
            return Fact(
                (count * low if low < 0 else low, count * high if high > 0 else high),
                affine or convex, affine or concave, degree=other.degree,
                ridge=ridge, folded=folded, rule=say("a multiple"),
            )  # fmt: skip
        low, high = _hull(left.range, right.range)
        count = left_shape[1] if is_matrix else 1
        degree = None
        if left.degree is not None and right.degree is not None:
            degree = left.degree + right.degree if left.degree + right.degree <= 2 else None
        ridge = None
        if not is_matrix and left_shape == right_shape:
            ridge = _both_ridges(left.ridge, right.ridge, multiply)
        return Fact(
            (count * low if low < 0 else low, count * high if high > 0 else high),
            degree=degree, ridge=ridge, rule=say("a product"),
        )  # fmt: skip

    def _over(self, node: Mul, facts: list[Fact], found: Fact) -> Fact:
        """squares/t with t > 0 affine or concave"""
        if found.is_known or len(node.factors) != 2 or node.ops[1] not in ("/", "./"):
            return found
        if squares_of(node.factors[0], self.reader) is None or facts[1].is_constant:
            return found
        inner = [self.facts[id(p)] for p in self.reader.parts(node.factors[0])]
        if facts[1].concave and facts[1].range[0] > 0 and all(p.is_affine for p in inner):
            return replaced(found, convex=True, rule=say("quad_over_lin"))
        return found

    # ------------------------------------------------------------ functions of entries

    def _power(self, node: Power, parts: list[Fact]) -> Fact:
        base, exponent = parts
        model = self._model(node.exponent)
        exact = model.exact.fractions() if model.exact is not None else None
        if not exponent.is_constant or model.size != 1 or exact is None:
            return Fact()
        if self._model(node.base).size > 1 and not node.elementwise:
            return Fact()
        degree = 2 if exact[0] == 2 and base.is_affine else None
        return replaced(self._raised(base, exact[0], say("a power")), degree=degree)

    def _composed(self, inner: Fact, line: Entrywise, what: str) -> Fact:
        """A function of one variable of every entry, on the range of the argument."""
        interval = interval_of(*inner.range, line.domain)
        if interval is None:
            return Fact(rule=say("outside of its domain"))
        label = line.convexity(interval).label
        direction = line.direction(interval)
        outer = (label in ("convex", "affine"), label in ("concave", "affine"))
        # where the domain cuts, {g >= low} must be convex (g concave), {g <= high} too (g convex)
        is_low = not line.domain.low.is_finite or float(line.domain.low) <= inner.range[0]
        is_high = not line.domain.high.is_finite or float(line.domain.high) >= inner.range[1]
        bends_up, bends_down = inner.convex and is_low, inner.concave and is_high
        convex = outer[0] and (
            inner.is_affine
            or (direction in (0, 1) and bends_up)
            or (direction in (0, -1) and bends_down)
        )
        concave = outer[1] and (
            inner.is_affine
            or (direction in (0, 1) and bends_down)
            or (direction in (0, -1) and bends_up)
        )
        ridge = None
        if inner.ridge is not None:
            domain = _pulled_back(inner.ridge, line.domain)
            if domain is not None:
                curve = substituted(line.curve, inner.ridge.curve)
                ridge = Ridge(inner.ridge.key, inner.ridge.direction, curve, domain)
        try:
            found = line.range(interval)
        except (GradformError, ValueError):
            found = EVERYTHING
        shown = f"[{inner.range[0]:.4g}, {inner.range[1]:.4g}]"
        return Fact(
            found, convex, concave, ridge=ridge, folded=self._folded(inner, line),
            rule=say(
                "{what}: {label} and {going} on {range}",
                what=what, label=phrase(label), going=_GOING[direction], range=shown,
            ),
        )  # fmt: skip

    def _folded(self, inner: Fact, line: Entrywise) -> Folded | None:
        """When the function is linear between its kinks."""
        if inner.folded is None or line.domain.low.is_finite or line.domain.high.is_finite:
            return None
        try:
            slopes = line.slope_curves()
        except GradformError:
            return None
        if not all(curve.is_constant for curve in slopes):
            return None
        if not all(np.isfinite(left) and np.isfinite(right) for _, left, right in line.places):
            return None
        places = [(float(point), left, right) for point, left, right in line.places]
        return inner.folded.bent(places, float(slopes[0].value))

    # ------------------------------------------------------------ functions of arrays

    def _call(self, node: Call, parts: list[Fact]) -> Fact:
        record = lookup(node.name)
        assert record is not None
        models = [self._model(part) for part in self.reader.parts(node)]
        if record.name in _EXTREMES:
            return self._extreme(_EXTREMES[record.name], parts, models)
        if record.name == "piecewise":
            return self._by_cases(node, parts, models)
        if record.name == "clip":
            known = self._entrywise(record, parts, models)
            return known if known.is_known else replaced(self._clipped(parts), ridge=known.ridge)
        if record.name == "median":
            return Fact(_entries_range(parts[0].range), rule=say("an order statistic"))
        if record.name == "sum" and models[0].size <= 4096:
            return self._summed(node, parts[0], models[0])
        if record.elementwise or record.elementary or is_entrywise(record):
            return _with_logarithms(record, parts, self._entrywise(record, parts, models))
        if record.name in _FILLED:
            return replaced(parts[0], ridge=None, folded=None)
        if record.name in _LINEAR and sum(not part.is_constant for part in parts) == 1:
            if all(part.is_affine for part in parts):
                return Fact(EVERYTHING, True, True, degree=1)
            return Fact(rule=_no_rule(record.name))
        if squares_of(node, self.reader) is not None and all(p.is_affine for p in parts):
            return Fact((0.0, np.inf), True, False, degree=2, rule=say("a sum of squares"))
        return self._atom(record, parts, models)

    def _entrywise(self, record: Function, parts: list[Fact], models: list[Model]) -> Fact:
        try:
            found = line_of(record, models)
            if found is None:
                kinds = self._kinds(record, parts, models)
                return kinds if kinds is not None else Fact(rule=_no_rule(record.name))
            place, line = found
            return self._composed(parts[place], line, record.name)
        except GradformError as error:
            return Fact(rule=say("{name}: {message}", name=record.name, message=error.message))

    def _kinds(self, record: Function, parts: list[Fact], models: list[Model]) -> Fact | None:
        """Other arguments differ from entry to entry: what holds for all of them."""
        varying = [k for k, part in enumerate(parts) if not part.is_constant]
        if len(varying) != 1:
            return None
        columns = [np.unique(np.asarray(m.value)) for m in models]
        others = [k for k in range(len(parts)) if k != varying[0]]
        if len(others) != 1 or columns[others[0]].size > 50:
            return None
        found = []
        for number in columns[others[0]].tolist():
            texts: list[str | None] = [None] * len(parts)
            texts[others[0]] = Real.of(Fraction(repr(number))).text
            line = entrywise_call(record.name, tuple(texts))
            found.append(
                replaced(
                    self._composed(parts[varying[0]], line, record.name), ridge=None, folded=None
                )
            )
        return _all_of(found)

    def _extreme(self, sign: int, parts: list[Fact], models: list[Model]) -> Fact:
        turned = parts if sign > 0 else [part.turned() for part in parts]
        low = max(part.range[0] for part in turned)
        high = max(part.range[1] for part in turned)
        folded = None
        if len(turned) == 2 and all(p.folded is not None or p.is_constant for p in turned):
            size = max(m.size for m in models)
            both = [
                _as_folded(p, m, self.question.dimension, sign)
                for p, m in zip(turned, models, strict=True)
            ]
            if both[0] is not None and both[1] is not None:
                folded = both[0].spread(size).larger(both[1].spread(size))
        elif len(turned) == 1 and turned[0].folded is not None and models[0].size == 2:
            folded = turned[0].folded.row(0).larger(turned[0].folded.row(1))
        name = "max" if sign > 0 else "min"
        found = Fact(
            (low, high), all(part.convex for part in turned), False, folded=folded,
            rule=say("a {name} of such", name=name),
        )  # fmt: skip
        return found if sign > 0 else found.turned()

    def _by_cases(self, node: Call, parts: list[Fact], models: list[Model]) -> Fact:
        """A curve of one linear form, when all tests and values are."""
        found = Fact(rule=say("a function by cases"))
        if any(m.size > 1 for m in models):
            return found
        pairs: list[tuple[Fact, Model]] = []
        for k in range(0, len(parts) - 1, 3):  # left, right, value, …, and the last value
            pairs += [self._difference(parts[k : k + 2], models[k : k + 2])]
            pairs += [(parts[k + 2], models[k + 2])]
        pairs += [(parts[-1], models[-1])]
        form = _one_form(pairs)
        if form is None:
            return found
        first, curves, domain = form
        relations = tuple(test.operator for test in node.args if isinstance(test, Compare))
        curve = where(relations, *curves)
        return replaced(found, ridge=Ridge(first.key, first.direction, curve, domain))

    def _difference(self, parts: list[Fact], models: list[Model]) -> tuple[Fact, Model]:
        left, right = parts
        model = total_of([models[0], scaled(Fraction(-1), models[1])])
        if left.is_affine and right.is_affine and not (left.is_constant and right.is_constant):
            return self._affine(model), model
        form = _one_form([(left, models[0]), (right.turned(), scaled(Fraction(-1), models[1]))])
        if form is None:
            return Fact(), model
        first, curves, domain = form
        return Fact(ridge=Ridge(first.key, first.direction, add(*curves), domain)), model

    def _clipped(self, parts: list[Fact]) -> Fact:
        _, low, high = parts
        return Fact(
            (min(low.range[0], high.range[0]), high.range[1]),
            rule=_no_rule("clip"),
        )

    def _summed(self, node: Call, part: Fact, model: Model) -> Fact:
        record = lookup(node.name)
        assert record is not None
        count = model.size
        low, high = part.range
        folded = None
        if part.folded is not None and len(node.args) == 1 and len(part.folded.linear) == count:
            folded = part.folded.mapped(np.ones((1, count)))
        return Fact(
            (count * low if low < 0 else low, count * high if high > 0 else high),
            part.convex, part.concave, degree=part.degree, folded=folded,
            log_convex=part.log_convex, rule=say("a sum of such entries"),
        )  # fmt: skip

    def _atom(self, record: Function, parts: list[Fact], models: list[Model]) -> Fact:
        curvature = "convex" if record.name in _ALSO_CONVEX else record.curvature
        bounds = _range_of(record.name, parts, models)
        for structure in record.convex_on:
            if structure is not None:
                told = say(
                    "{name} is meant on arguments that are {structure}",
                    name=record.name,
                    structure=phrase(structure),
                )
                self.domains[told] = None
        if curvature is None:
            return Fact(bounds, rule=say("{name}: no curvature is known", name=record.name))
        signs = {"convex": (True, False), "concave": (False, True), "affine": (True, True)}
        outer = signs[curvature]
        results = []
        for is_outer, turn in ((outer[0], False), (outer[1], True)):
            results.append(
                is_outer and all(self._fits(record, k, part, turn) for k, part in enumerate(parts))
            )
        degree = None
        if record.name == "sumsq" and parts[0].is_affine:
            degree = 2
        elif curvature == "affine":
            degree = parts[0].degree
        folded = None
        if record.name == "norm1" and parts[0].folded is not None:
            bend = parts[0].folded.bent([(0.0, -1.0, 1.0)], -1.0)
            folded = bend and bend.mapped(np.ones((1, models[0].size)))
        return Fact(
            bounds,
            results[0],
            results[1],
            degree=degree,
            folded=folded,
            rule=say("{name} is {curvature}", name=record.name, curvature=phrase(curvature)),
        )

    def _fits(self, record: Function, place: int, part: Fact, turned: bool) -> bool:
        """Whether an argument keeps a convex (``turned``: concave) function so."""
        if part.is_affine:
            return True
        goes = record.monotone[place] if place < len(record.monotone) else None
        along, against = (part.concave, part.convex) if turned else (part.convex, part.concave)
        if goes == "increasing":
            return along
        if goes == "decreasing":
            return against
        if record.name in _INCREASING_ON_NONNEGATIVE and place == 0 and not turned:
            return part.suits_norms
        return False


# ---------------------------------------------------------------- helpers


_GOING = {
    1: say("increasing"),
    -1: say("decreasing"),
    0: say("constant"),
    None: say("not monotone"),
}


def _no_rule(name: str) -> Message:
    return say("{name}: no rule", name=name)


def _line_of(node: Formula, fact: Fact) -> Message:
    part = to_text(node)
    if not fact.is_known:
        return say("{part}: not settled", part=part)
    label = phrase("convex" if fact.convex else "concave")
    if fact.rule is None:
        return say("{part}: {label}", part=part, label=label)
    return say("{part}: {label}, {rule}", part=part, label=label, rule=fact.rule)


def _fixed_model(model: Model) -> Fact:
    value = model.value
    return fixed(
        value.data
        if sparse.issparse(value) and value.nnz
        else np.asarray([0.0] if sparse.issparse(value) else value)
    )


def _ends(left: Range, right: Range) -> list[float]:
    return [0.0 if a == 0 or b == 0 else a * b for a in left for b in right]


def _hull(left: Range, right: Range) -> Range:
    ends = _ends(left, right)
    return min(ends), max(ends)


def _with_logarithms(record: Function, parts: list[Fact], found: Fact) -> Fact:
    """exp of what is convex is log-convex, and the logarithm of that is convex."""
    if record.name == "exp" and parts[0].convex:
        return replaced(found, log_convex=True)
    if record.name in ("log", "log1p") and parts[0].log_convex and not found.is_known:
        rule = say("{name} of a sum of exponentials of convex functions", name=record.name)
        return replaced(found, convex=True, rule=rule)
    return found


def _added(parts: list[Fact]) -> Fact:
    low = sum(part.range[0] for part in parts)
    high = sum(part.range[1] for part in parts)
    degrees = [part.degree for part in parts]
    degree = None if any(d is None for d in degrees) else max(d for d in degrees if d is not None)
    ridge: Ridge | None = None
    moving = [part for part in parts if not part.is_constant]
    if len(moving) == len(parts) and moving[0].ridge is not None:
        ridge = moving[0].ridge
        for part in moving[1:]:
            ridge = _both_ridges(ridge, part.ridge, add)
    folded: Folded | None = None
    if moving and all(part.folded is not None for part in moving):
        folded = moving[0].folded
        for part in moving[1:]:
            folded = folded and part.folded and folded.plus(part.folded)
    return Fact(
        (low, high), all(p.convex for p in parts), all(p.concave for p in parts),
        all(p.is_constant for p in parts), degree, ridge, folded,
        log_convex=all(p.log_convex for p in parts),
    )  # fmt: skip


def _all_of(parts: list[Fact]) -> Fact:
    """What holds for all of them."""
    degrees = [part.degree for part in parts]
    return Fact(
        (min(p.range[0] for p in parts), max(p.range[1] for p in parts)),
        all(p.convex for p in parts),
        all(p.concave for p in parts),
        all(p.is_constant for p in parts),
        None if any(d is None for d in degrees) else max(d for d in degrees if d is not None),
        linear_pieces=all(p.linear_pieces for p in parts),
        upward=all(p.suits_norms for p in parts),
        rule=parts[0].rule,
    )


def _both_ridges(left: Ridge | None, right: Ridge | None, operation: object) -> Ridge | None:
    if left is None or right is None or left.key != right.key:
        return None
    domain = _met(left.domain, right.domain)
    assert callable(operation)
    curve: Curve = operation(left.curve, right.curve)
    return None if domain is None else Ridge(left.key, left.direction, curve, domain)


def _one_form(
    pairs: list[tuple[Fact, Model]],
) -> tuple[Ridge, list[Curve], Interval] | None:
    """All as curves of one linear form, scalar constants among them; where all are defined."""
    first: Ridge | None = None
    curves: list[Curve] = []
    domain: Interval | None = LINE
    for fact, model in pairs:
        if fact.is_constant:
            if model.size > 1 or model.exact is None:
                return None
            curves.append(constant(model.exact.real()))
            continue
        first = first or fact.ridge
        if fact.ridge is None or first is None or fact.ridge.key != first.key:
            return None
        curves.append(fact.ridge.curve)
        domain = domain and _met(domain, fact.ridge.domain)
    return None if first is None or domain is None else (first, curves, domain)


def _met(left: Interval, right: Interval) -> Interval | None:
    low = max(
        (left.low, not left.low_closed),
        (right.low, not right.low_closed),
        key=lambda end: (end[0], end[1]),
    )
    high = min(
        (left.high, left.high_closed),
        (right.high, right.high_closed),
        key=lambda end: (end[0], end[1]),
    )
    found = Interval(low[0], high[0], not low[1], high[1])
    return None if found.is_empty or found.is_point else found


def _pulled_back(ridge: Ridge, domain: Interval) -> Interval | None:
    """Where the curve of a ridge lies in a domain; only for lines a·t + b."""
    if not domain.low.is_finite and not domain.high.is_finite:
        return ridge.domain
    slope = _line(ridge.curve)
    if slope is None:
        return None
    a, b = slope
    ends = [
        (domain.low - b) / a if domain.low.is_finite else None,
        (domain.high - b) / a if domain.high.is_finite else None,
    ]
    closed = [domain.low_closed, domain.high_closed]
    if a.sign() < 0:
        ends, closed = ends[::-1], closed[::-1]
    low = LINE.low if ends[0] is None else ends[0]
    high = LINE.high if ends[1] is None else ends[1]
    own = Interval(low, high, closed[0] and low.is_finite, closed[1] and high.is_finite)
    return _met(ridge.domain, own)


def _line(curve: Curve) -> tuple[Real, Real] | None:
    return linear_in_x(curve)


def _scaled_ridge(ridge: Ridge | None, model: Model, inverse: bool) -> Ridge | None:
    if ridge is None or model.exact is None or model.number == 0:
        return None
    number = 1 / model.exact.real() if inverse else model.exact.real()
    return replaced(ridge, curve=multiply(constant(number), ridge.curve))


def _as_folded(part: Fact, model: Model, dimension: int, sign: int) -> Folded | None:
    if part.folded is not None or not part.is_constant:
        return part.folded
    zeros = np.zeros((model.size, dimension))
    return Folded.affine(zeros, sign * model.flat)


def _entries_range(bounds: Range) -> Range:
    return bounds


def _range_of(name: str, parts: list[Fact], models: list[Model]) -> Range:
    if name in NONNEGATIVE:
        return (0.0, np.inf)
    if name in ("mean", "sum_largest", "tr", "sum") and parts:
        low, high = parts[0].range
        count = 1 if name == "mean" else models[0].size
        return (count * low if low < 0 else low, count * high if high > 0 else high)
    if name == "negentropy":
        return (-models[0].size * 0.37, np.inf)
    return EVERYTHING
