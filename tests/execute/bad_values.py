"""Values that are no real numbers, and unusual ones that are, for the tests of arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from typing import Any

import numpy as np

__all__ = ["BAD_NUMBERS", "BAD_VECTORS", "GOOD_NUMBERS", "GOOD_VECTORS", "Make"]

Make = Callable[[], Any]


def _torch(make: Callable[[Any], Any]) -> Make:
    return lambda: make(import_module("torch"))


def _jax(make: Callable[[Any], Any]) -> Make:
    def made() -> Any:
        jax = import_module("jax")
        jax.config.update("jax_enable_x64", True)
        return make(jax)

    return made


def _sparse() -> Any:
    return import_module("scipy.sparse").csr_array(np.ones((1, 2)))


BAD_NUMBERS: Mapping[str, Make] = {
    "none": lambda: None,
    "text": lambda: "0.3",
    "bytes": lambda: b"0.3",
    "complex": lambda: 1j,
    "complex array": lambda: np.array(1 + 1j),
    "too large": lambda: 10**400,
    "date": lambda: np.datetime64("2026-01-01"),
    "object": object,
}

BAD_VECTORS: Mapping[str, Make] = {
    "none": lambda: None,
    "texts": lambda: ["1", "2"],
    "text objects": lambda: np.array(["1", "2"], object),
    "nones": lambda: [1.0, None],
    "complex": lambda: np.ones(2) + 1j,
    "complex list": lambda: [1, 1j],
    "too large": lambda: [1, 10**400],
    "dates": lambda: np.array(["2026-01-01", "2026-01-02"], "datetime64[D]"),
    "times": lambda: np.array([1, 2], "timedelta64[s]"),
    "date objects": lambda: [date(2026, 1, 1)] * 2,
    "structured": lambda: np.zeros(2, [("a", float), ("b", int)]),
    "ragged": lambda: [[1.0], [1.0, 2.0]],
    "objects": lambda: np.array([object(), object()]),
    "scipy sparse": _sparse,
    "masked": lambda: np.ma.masked_array([1.0, 2.0], [False, True]),
    "dictionary": lambda: {"a": 1.0},
    "torch complex": _torch(lambda torch: torch.ones(2, dtype=torch.complex128)),
    "torch sparse": _torch(lambda torch: torch.ones(2).to_sparse()),
    "jax complex": _jax(lambda jax: jax.numpy.ones(2) + 1j),
    "jax key": _jax(lambda jax: jax.random.split(jax.random.key(0))),
}

GOOD_NUMBERS: Mapping[str, Make] = {
    "integer": lambda: 2,
    "fraction": lambda: Fraction(4, 2),
    "decimal": lambda: Decimal("2"),
    "boolean": lambda: np.array(2, np.int8),
    "half": lambda: np.float16(2),
    "unsigned": lambda: np.uint64(2),
}

GOOD_VECTORS: Mapping[str, Make] = {
    "list": lambda: [1, 2.0],
    "tuple": lambda: (1.0, 2),
    "fractions": lambda: [Fraction(1), Decimal(2)],
    "objects": lambda: np.array([1, 2.0], object),
    "without mask": lambda: np.ma.masked_array([1.0, 2.0]),
    "reversed": lambda: np.array([2.0, 1.0])[::-1],
    "other bytes": lambda: np.array([1.0, 2.0], ">f8"),
    "long": lambda: np.array([1.0, 2.0], np.longdouble),
    "half": lambda: np.array([1.0, 2.0], np.float16),
    "integers": lambda: np.array([1, 2], np.uint32),
    "read only": lambda: np.broadcast_to(np.array([[1.0, 2.0]]), (1, 2))[0],
    "torch integers": _torch(lambda torch: torch.tensor([1, 2])),
    "jax integers": _jax(lambda jax: jax.numpy.array([1, 2])),
    "jax numbers": _jax(lambda jax: [jax.numpy.float64(1), jax.numpy.float64(2)]),
}
