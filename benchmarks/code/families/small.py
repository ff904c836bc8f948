"""Small functions, where the time is that of the call; and the same for many points."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, sin, sqrt
from typing import Any

import numpy as np

from benchmarks.code.row import Arrays, Family

__all__ = ["FAMILIES"]


def _rosenbrock_inputs(size: Mapping[str, int], rng: np.random.Generator) -> Arrays:
    return {"x": rng.normal(size=size["n"])}


def _rosenbrock_gradient(a: Arrays) -> Any:
    x = a["x"]
    g = np.zeros_like(x)
    t = x[1:] - x[:-1] ** 2
    g[:-1] = -400 * x[:-1] * t - 2 * (1 - x[:-1])
    g[1:] += 200 * t
    return g


_ARM = (
    "s = t(1) + t(2); r = t(1) + t(2) + t(3);"
    "[l(1)*cos(t(1)) + l(2)*cos(s) + l(3)*cos(r); l(1)*sin(t(1)) + l(2)*sin(s) + l(3)*sin(r)]"
)


def _arm_inputs(size: Mapping[str, int], rng: np.random.Generator) -> Arrays:
    return {"t": rng.normal(size=3), "l": np.array([1.0, 0.8, 0.5])}


def _arm(xp: Any, a: Arrays) -> Any:
    t, lengths = a["t"], a["l"]
    angles = xp.stack([t[0], t[0] + t[1], t[0] + t[1] + t[2]])
    return xp.stack([xp.sum(lengths * xp.cos(angles)), xp.sum(lengths * xp.sin(angles))])


def _arm_jacobian(a: Arrays) -> Any:
    (t1, t2, t3), (l1, l2, l3) = a["t"].tolist(), a["l"].tolist()
    s, r = t1 + t2, t1 + t2 + t3
    x3, y3 = -l3 * sin(r), l3 * cos(r)
    x2, y2 = x3 - l2 * sin(s), y3 + l2 * cos(s)
    return np.array([[x2 - l1 * sin(t1), x2, x3], [y2 + l1 * cos(t1), y2, y3]])


# A camera with rotation vector r (Rodrigues), translation t and focal length f, looking at p.
_CAMERA = (
    "a = norm2(r); k = r/a; c = cos(a);"
    "q = c*p + sin(a)*[k(2)*p(3) - k(3)*p(2); k(3)*p(1) - k(1)*p(3); k(1)*p(2) - k(2)*p(1)]"
    " + (1 - c)*(k'*p)*k + t;"
    "f*[q(1)/q(3); q(2)/q(3)] - z"
)


def _camera_inputs(size: Mapping[str, int], rng: np.random.Generator) -> Arrays:
    return {
        "r": rng.normal(size=3),
        "t": np.array([0.1, -0.2, 5.0]),
        "p": rng.normal(size=3),
        "f": np.float64(1.3),
        "z": rng.normal(size=2),
    }


def _camera(xp: Any, a: Arrays) -> Any:
    r, p = a["r"], a["p"]
    angle = xp.sqrt(xp.sum(r * r))
    k = r / angle
    c = xp.cos(angle)
    cross = xp.stack(
        [k[1] * p[2] - k[2] * p[1], k[2] * p[0] - k[0] * p[2], k[0] * p[1] - k[1] * p[0]]
    )
    q = c * p + xp.sin(angle) * cross + (1 - c) * xp.sum(k * p) * k + a["t"]
    return xp.stack([a["f"] * q[0] / q[2] - a["z"][0], a["f"] * q[1] / q[2] - a["z"][1]])


def _camera_jacobian(a: Arrays) -> Any:
    """By the rotation vector, with scalars."""
    r1, r2, r3 = a["r"].tolist()
    p1, p2, p3 = a["p"].tolist()
    t1, t2, t3 = a["t"].tolist()
    n = sqrt(r1 * r1 + r2 * r2 + r3 * r3)
    k = (r1 / n, r2 / n, r3 / n)
    p = (p1, p2, p3)
    c, s = cos(n), sin(n)
    w = (k[1] * p3 - k[2] * p2, k[2] * p1 - k[0] * p3, k[0] * p2 - k[1] * p1)
    d = k[0] * p1 + k[1] * p2 + k[2] * p3
    q = [c * p[i] + s * w[i] + (1 - c) * d * k[i] + (t1, t2, t3)[i] for i in range(3)]
    f = float(a["f"])
    jacobian = np.empty((2, 3))
    for j in range(3):
        dk = [((i == j) - k[i] * k[j]) / n for i in range(3)]
        dw = (dk[1] * p3 - dk[2] * p2, dk[2] * p1 - dk[0] * p3, dk[0] * p2 - dk[1] * p1)
        dd = dk[0] * p1 + dk[1] * p2 + dk[2] * p3
        dq = [
            -s * k[j] * p[i]
            + c * k[j] * w[i]
            + s * dw[i]
            + s * k[j] * d * k[i]
            + (1 - c) * (dd * k[i] + d * dk[i])
            for i in range(3)
        ]
        jacobian[0, j] = f * (dq[0] - q[0] / q[2] * dq[2]) / q[2]
        jacobian[1, j] = f * (dq[1] - q[1] / q[2] * dq[2]) / q[2]
    return jacobian


FAMILIES = (
    Family(
        name="Rosenbrock, gradient",
        formula="sum(100*(x(2:n) - x(1:n-1).^2).^2 + (vector(1) - x(1:n-1)).^2)",
        shapes={"x": ("n",)},
        wrt=("x",),
        quantity="gradient",
        sizes=({"n": 2}, {"n": 5}, {"n": 10}),
        inputs=_rosenbrock_inputs,
        traced=lambda xp, a: xp.sum(
            100 * (a["x"][1:] - a["x"][:-1] ** 2) ** 2 + (1 - a["x"][:-1]) ** 2
        ),
        by_hand=_rosenbrock_gradient,
        tiny=True,
    ),
    Family(
        name="robot arm, Jacobian",
        formula=_ARM,
        shapes={"t": (3,), "l": (3,)},
        wrt=("t",),
        quantity="jacobian",
        sizes=({},),
        inputs=_arm_inputs,
        traced=_arm,
        by_hand=_arm_jacobian,
        tiny=True,
    ),
    Family(
        name="bundle adjustment, Jacobian",
        formula=_CAMERA,
        shapes={"r": (3,), "t": (3,), "p": (3,), "f": (), "z": (2,)},
        wrt=("r",),
        quantity="jacobian",
        sizes=({},),
        inputs=_camera_inputs,
        traced=_camera,
        by_hand=_camera_jacobian,
        tiny=True,
    ),
)
