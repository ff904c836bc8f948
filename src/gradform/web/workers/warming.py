"""Questions that the warm process answers to itself, so that workers find everything loaded."""

from __future__ import annotations

import json

__all__ = ["WARMING"]

_DERIVATIVES = (
    {"formula": "sum(softplus(-y.*(X*w)))", "wrt": "w"},
    {"formula": "norm2(A*x-y)^2", "wrt": "x", "language": "zh"},
    {"formula": "logdet(X) + abs(a)", "wrt": "X", "order": 2},
)
_KINKS = (
    {"formula": "abs(x) + x^2", "wrt": "x", "at": 0},
    {"formula": "norm1(x)", "wrt": "x", "at": [0, 1]},
)
_PLOTS = (
    {"formula": "abs(x) + x^2", "wrt": "x", "variables": {"x": {"shape": []}}},
    {"formula": "x'*x", "wrt": "x"},
)
_NUMBERS = {"formula": "x'*A*x", "wrt": "x", "values": {"x": [1, 2], "A": [[1, 2], [3, 4]]}}
_TARGETS = ("latex", "numpy", "jax", "torch", "dask", "julia", "matlab", "c")

WARMING: tuple[tuple[str, bytes], ...] = (
    *(("derivative", json.dumps(each).encode()) for each in _DERIVATIVES),
    ("evaluate", json.dumps(_NUMBERS).encode()),
    *(("subdifferential", json.dumps(each).encode()) for each in _KINKS),
    *((name, json.dumps(_DERIVATIVES[0]).encode()) for name in ("derivation", "graph")),
    *(("plot", json.dumps(each).encode()) for each in _PLOTS),
    *(
        ("code", json.dumps({"formula": "x'*A*x", "target": target}).encode())
        for target in _TARGETS
    ),
)
"""Names and bodies, what is asked most first."""
