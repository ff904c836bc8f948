"""C forms of the function records: equal to NumPy, accurate, without warnings."""

from __future__ import annotations

import ctypes
import math
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.random import default_rng

from gradform.functions import Function, all_functions, lookup
from tests.languages.c_programs import needs_compiler
from tests.laws.test_functions_spelling import compiled

pytestmark = needs_compiler
ELEMENTWISE = [record for record in all_functions() if record.elementwise]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, math.inf, -math.inf, math.nan, 1e-310, 1e300, -1e300]
FLAGS = ["-std=c99", "-O2", "-Wall", "-Wextra", "-pedantic", "-Werror", "-shared", "-fPIC"]
INSIDE: dict[str | None, tuple[float, float]] = {
    None: (-math.inf, math.inf),
    "positive": (1e-300, math.inf),
    "unit": (-1.0, 1.0),
    "large": (1.0, math.inf),
}


def _source() -> str:
    """One function for every elementwise record, in one file."""
    helpers = dict.fromkeys(r.helpers["c"] for r in ELEMENTWISE if "c" in r.helpers)
    functions = []
    for record in ELEMENTWISE:
        names = ["x", "y", "z"][: len(record.parameters)]
        parameters = ", ".join(f"double {name}" for name in names)
        value = record.spell["c"].format(*names)
        functions.append(f"double c_{record.name}({parameters})\n{{\n    return {value};\n}}\n")
    return "\n".join(["#include <math.h>\n", *helpers, *functions])


@cache
def _library(directory: Path) -> ctypes.CDLL:
    (directory / "functions.c").write_text(_source())
    command = ["cc", *FLAGS, "functions.c", "-o", "functions.so", "-lm"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(directory / "functions.so"))


@pytest.fixture(scope="session")
def in_c(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """The C form of a record, entry by entry."""
    library = _library(tmp_path_factory.mktemp("functions"))

    def found(record: Function) -> Any:
        function = library[f"c_{record.name}"]
        function.restype = ctypes.c_double
        function.argtypes = [ctypes.c_double] * len(record.parameters)
        return np.vectorize(function, otypes=[float])

    return found


def test_every_entrywise_function_has_a_c_form() -> None:
    assert len(ELEMENTWISE) > 30
    assert not [record.name for record in ELEMENTWISE if "c" not in record.spell]


def _points(record: Function) -> list[np.ndarray[Any, Any]]:
    """Ordinary, extreme and special values in the domain, in every combination of two."""
    random = default_rng(1)
    plain = random.normal(0, 1, 40)
    wide = random.choice([-1, 1], 40) * 10.0 ** random.uniform(-18, 18, 40)
    values = np.concatenate([plain, wide, SPECIAL])
    # SciPy needs a time proportional to |x| for polygamma(k, x) left of 0.
    low, high = INSIDE["positive" if record.parameters[0] == "int" else record.domain]
    values = values[np.isnan(values) | ((values >= low) & (values <= high))]
    count = len([kind for kind in record.parameters if kind.startswith("expr")])
    return [grid.ravel() for grid in np.meshgrid(*[values] * min(count, 2))] + [
        random.normal(0, 1, values.size**2) for _ in range(count - 2)
    ]


def _arguments(record: Function) -> list[Any]:
    """With whole numbers where the record wants them."""
    arrays = iter(_points(record))
    whole = {"polygamma": 2, "LambertW": 0}
    return [
        next(arrays) if kind.startswith("expr") else float(whole[record.name])
        for kind in record.parameters
    ]


@pytest.mark.parametrize("record", ELEMENTWISE, ids=lambda record: record.name)
def test_c_is_numpy(record: Function, in_c: Callable[..., Any]) -> None:
    arguments = _arguments(record)
    with np.errstate(all="ignore"):
        wanted = np.asarray(compiled(record)(*arguments), float)
        found = in_c(record)(*arguments)
    assert np.isfinite(wanted).any()
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-300)


# ---------------------------------------------------------------- accuracy

# Another module may need more, and all share one setting.
mpmath.mp.dps = max(mpmath.mp.dps, 40)
_ROOT = 1.4616321449683622
_BRANCH = -math.exp(-1)


def _near(point: float, random: np.random.Generator) -> np.ndarray[Any, Any]:
    return point + 10.0 ** random.uniform(-14, -1, 20)


def _places(name: str) -> np.ndarray[Any, Any]:
    random = default_rng(2)
    small = 10.0 ** random.uniform(-20, 20, 30)
    negative = -random.uniform(0, 30, 30)
    match name:
        case "digamma" | "trigamma" | "polygamma":
            return np.concatenate([small, random.uniform(0, 30, 40), negative, -small[small < 1e3]])
        case "dawson":
            return np.concatenate([small, -small, random.uniform(-9, 9, 60)])
        case "erfcx" | "logerfc":
            return np.concatenate([small, random.uniform(-5, 30, 90)])
        case _:
            return np.concatenate([small, random.uniform(_BRANCH, 3, 60), _near(_BRANCH, random)])


def _dawson(x: Any) -> Any:
    if abs(x) > 20:
        terms = [mpmath.fac2(2 * k - 1) / (2 * x * x) ** k for k in range(30)]
        return sum(terms) / (2 * x)
    return mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(-x * x) * mpmath.erfi(x)


def _erfcx(x: Any) -> Any:
    """By 60 terms of the asymptotic series (DLMF 7.12.1) where that is exact."""
    if x < 20:
        return mpmath.exp(x * x) * mpmath.erfc(x)
    terms = [(-1) ** k * mpmath.fac2(2 * k - 1) / (2 * x * x) ** k for k in range(60)]
    return sum(terms) / (x * mpmath.sqrt(mpmath.pi))


EXACT: dict[str, tuple[tuple[float, ...], Callable[..., Any]]] = {
    "digamma": ((), mpmath.digamma),
    "trigamma": ((), lambda x: mpmath.polygamma(1, x)),
    "polygamma": ((3.0,), mpmath.polygamma),
    "dawson": ((), _dawson),
    "erfcx": ((), _erfcx),
    "logerfc": ((), lambda x: mpmath.log(_erfcx(x)) - x * x),
    "LambertW": ((0.0,), lambda x, k: mpmath.lambertw(x, int(k)).real),
}


@pytest.mark.parametrize("name", EXACT)
def test_own_special_functions_are_accurate(name: str, in_c: Callable[..., Any]) -> None:
    record = lookup(name)
    assert record is not None
    whole, exact = EXACT[name]
    function = in_c(record)
    for x in _places(name):
        given = (*whole, x) if record.parameters[0] == "int" else (x, *whole)
        wanted = exact(*(int(v) if v in whole else mpmath.mpf(float(v)) for v in given))
        _close(float(function(*given)), wanted, x)


def _close(found: float, wanted: Any, where: float) -> None:
    """Relative to the value, and to 1 where the value has a zero nearby."""
    size = max(abs(wanted), mpmath.mpf(1) if abs(where) > 1e-3 and where < 0 else 0)
    assert abs(found - wanted) <= 2e-14 * size, (where, found, wanted)


def test_digamma_at_its_zero(in_c: Callable[..., Any]) -> None:
    record = lookup("digamma")
    assert record is not None
    for x in _near(_ROOT, default_rng(3)):
        wanted = mpmath.digamma(mpmath.mpf(float(x)))
        assert abs(float(in_c(record)(x)) - wanted) <= 1e-14 * abs(wanted)


def test_lower_branch_of_lambert(in_c: Callable[..., Any]) -> None:
    record = lookup("LambertW")
    assert record is not None
    random = default_rng(4)
    places = [random.uniform(_BRANCH, 0, 60), -(10.0 ** random.uniform(-300, -2, 20))]
    for x in np.concatenate([*places, _near(_BRANCH, random)]):
        wanted = mpmath.lambertw(mpmath.mpf(float(x)), -1).real
        if x < 0:
            assert abs(float(in_c(record)(x, -1.0)) - wanted) <= 1e-14 * abs(wanted)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("LambertW", (-0.4, 0.0)), ("LambertW", (0.1, -1.0)), ("digamma", (-3.0,))],
)
def test_nan_outside_the_domain(
    name: str, arguments: tuple[float, ...], in_c: Callable[..., Any]
) -> None:
    record = lookup(name)
    assert record is not None
    with np.errstate(invalid="ignore"):
        assert np.isnan(in_c(record)(*arguments))
