"""Random functions of several variables at points where many of their kinks meet."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import numpy as np

from gradform.nonsmooth.space.disproof import evaluator
from gradform.nonsmooth.space.question import SpaceQuestion, space_question

SIZE = 3


class Compositions:
    """A grammar of texts; matrices and offsets are small integers, so that ties are frequent."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.params: dict[str, Any] = {}
        self.point = [float(self.rng.choice([0, 0, 1, 1, -1, 2])) for _ in range(SIZE)]

    def question(self) -> SpaceQuestion:
        source = self.scalar(3)
        return space_question(source, "x", {"x": self.point}, self.params)

    def _matrix(self, rows: int) -> str:
        name = f"A{len(self.params)}"
        self.params[name] = [
            [self.rng.choice([-1, 0, 0, 1, 2]) for _ in range(SIZE)] for _ in range(rows)
        ]
        if not any(map(any, self.params[name])):
            self.params[name][0][0] = 1
        return name

    def vector(self) -> str:
        """An affine vector, some entries of which are often 0 at the point."""
        kind = self.rng.randrange(4)
        if kind == 0:
            return "x"
        name = self._matrix(self.rng.choice([2, 3]))
        if kind == 1:
            return f"{name}*x"
        values = np.array(self.params[name]) @ self.point
        offset = [float(v) if self.rng.random() < 0.6 else float(v) + 1 for v in values]
        self.params[f"b{name}"] = offset
        return f"({name}*x-b{name})"

    def line(self) -> str:
        """An affine scalar."""
        i, j = self.rng.sample(range(1, SIZE + 1), 2)
        return self.rng.choice([f"x({i})", f"(x({i})-x({j}))", f"(x({i})+2*x({j})-1)"])

    def atom(self) -> str:
        v = self.vector()
        texts = [
            f"norm1({v})", f"norm2({v})", f"norminf({v})", f"max({v})", f"sum_largest({v},2)",
            f"sum(abs({v}))", f"sum(relu({v}))", f"sum(huber({v},1))", f"logsumexp({v})",
            f"sumsq({v})", f"abs({self.line()})", f"relu({self.line()})", f"sqrt(sumsq({v}))",
            f"sum(pinball({v},0.3))", f"exp({self.line()}/2)", f"hinge({self.line()})",
            f"dist_box({v},-1,1)", f"dist_nonneg({v})", f"(-min({v}))", f"sum(softplus({v}))",
            f"sum(relu(-{v}))", f"norm2(abs({v}))", f"norm1({v})^2", f"sum(exp(abs({v})/2))",
        ]  # fmt: skip
        return self.rng.choice(texts)

    def convex(self, depth: int) -> str:
        if depth == 0 or self.rng.random() < 0.2:
            return self.atom()
        s, t = self.convex(depth - 1), self.convex(depth - 1)
        texts = [
            f"({s}+{t})", f"max({s},{t})", f"max({s},{t},1)", f"2*{s}", f"({s})/2+{self.line()}",
            f"relu({s}-1)", f"exp(({s})/8)", f"(relu({s}))^2", f"norm2([relu({s}); relu({t})])",
            f"max({s},{self.line()})", f"logsumexp([{s}; {t}])",
            f"norm1([relu({s}); {self.line()}])",
            f"sqrt(1+sumsq({self.vector()}))",
        ]  # fmt: skip
        return self.rng.choice(texts)

    def scalar(self, depth: int) -> str:
        s = self.convex(depth - 1)
        if self.rng.random() < 0.7:
            return s
        t = self.convex(depth - 2)
        texts = [
            f"({s})-({t})", f"min({s},{t})", f"({s})*({t})", f"abs({s}-{t})", f"sin({s})",
            f"-({s})", f"2*max({s},{t})-({s})-({t})", f"max(min({s},{t}),{self.line()})",
            f"median([{s}; {t}; {self.line()}])", f"tanh({s})", f"clip({s},0,1)",
        ]  # fmt: skip
        return self.rng.choice(texts)


def numerical(question: SpaceQuestion, d: np.ndarray[Any, Any]) -> float:
    """f'(x; d) by one-sided differences, extrapolated to step 0 (Richardson)."""
    value = evaluator(question)
    start, base = question.point, value(question.point)
    steps = [2.0**-k for k in range(9, 15)]
    table = [(value(start + t * d) - base) / t for t in steps]
    for order in range(1, len(steps)):
        table = [(2**order * fine - coarse) / (2**order - 1) for coarse, fine in pairwise(table)]
    return float(table[-1])
