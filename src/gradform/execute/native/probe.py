"""What a C compiler can do on this machine, proved by programs that are compiled and run."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from gradform.execute.native.process import Outcome, run

__all__ = ["attempt", "flags_that_work", "vector_functions", "vector_prototypes", "with_openmp"]

# Optimisation that keeps the meaning of NaN, infinities and signed zeros: only errno, traps and
# the rounding of a product that is added to are given up.
_FLAGS = (
    "-O3",
    "-march=native",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=fast",
    "-fopenmp-simd",
)
_OPENMP = ("-fopenmp",)

# Functions of <math.h> in libmvec: those of glibc 2.22, and what 2.35 added.
_OLD = ("cos", "exp", "log", "sin", "pow")
_NEW = (
    *_OLD,
    *("acos", "acosh", "asin", "asinh", "atan", "atanh", "cbrt", "cosh", "erf", "erfc"),
    *("expm1", "log10", "log1p", "log2", "sinh", "tan", "tanh", "atan2", "hypot"),
)
_BINARY = frozenset({"pow", "atan2", "hypot"})


def attempt(command: Sequence[str], flags: Sequence[str], source: str) -> Outcome:
    """Compile a program and run it."""
    with tempfile.TemporaryDirectory(prefix="gradform-") as place:
        directory = Path(place)
        (directory / "probe.c").write_text(source)
        built = run([*command, "probe.c", "-o", "probe", *flags, "-lm"], directory)
        return run(["./probe"], directory) if built.succeeded else built


def flags_that_work(command: Sequence[str]) -> tuple[tuple[str, ...], Outcome]:
    """The flags of every module, without those that this compiler does not know."""
    source = "#include <math.h>\nint main(int n, char **v) { return !(sqrt(n) > 0); }\n"
    outcome = attempt(command, _FLAGS, source)
    if outcome.succeeded:
        return _FLAGS, outcome
    plain = attempt(command, (), source)
    if not plain.succeeded:
        return (), plain
    return tuple(flag for flag in _FLAGS if attempt(command, [flag], source).succeeded), plain


def with_openmp(command: Sequence[str]) -> tuple[str, ...]:
    """The flags for loops on several threads; none when such a program does not run."""
    source = """\
#include <omp.h>
int main(void)
{
    int total = 0;
    #pragma omp parallel for num_threads(2) reduction(+ : total)
    for (int i = 0; i < 100; i++)
        total += i;
    return total != 4950 || omp_get_max_threads() < 1;
}
"""
    return _OPENMP if attempt(command, _OPENMP, source).succeeded else ()


# ---------------------------------------------------------------- vector mathematics


def vector_prototypes(names: Sequence[str]) -> str:
    """Declarations by which a loop calls the vector variants of these functions."""
    return "".join(f'__attribute__((simd("notinbranch"))) {_prototype(name)};\n' for name in names)


def _prototype(name: str) -> str:
    real = "float" if name.endswith("f") and name != "erf" else "double"
    plain = name[:-1] if real == "float" else name
    return f"{real} {name}({', '.join([real] * (2 if plain in _BINARY else 1))})"


def vector_functions(
    command: Sequence[str], flags: Sequence[str], library: Sequence[str]
) -> tuple[str, ...]:
    """The functions, of doubles and floats, whose vector variants agree with libm.

    They are compared at NaN, infinities, zeros of both signs, subnormal, tiny and huge numbers
    and on a grid; values agree to a few units in the last place, or are the same NaN, infinity
    or signed zero.
    """
    for names in (_NEW, _OLD):
        every = [name + suffix for suffix in ("", "f") for name in names]
        outcome = attempt(command, [*flags, "-O1", *library], _comparison(every))
        if outcome.succeeded:
            return tuple(name for name in every if name in outcome.output.split())
    return ()


def _comparison(names: Sequence[str]) -> str:
    """A program that prints the names of the functions that pass."""
    loops = "".join(_loop(name) for name in names)
    checks = "".join(_check(real, *_PRECISION[real]) for real in _PRECISION)
    calls = "".join(f"    {_call(name)}\n" for name in names)
    return f"""\
#include <math.h>
#include <stdio.h>
{vector_prototypes(names)}
enum {{ SPECIAL = 24, SECOND = 32, COUNT = 1000 }};
static const double special[SPECIAL] = {{
    NAN, INFINITY, -INFINITY, 0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1e3, -1e3,
    1e300, -1e300, 1e-300, -1e-300, 5e-324, -5e-324, 4e-310, 1e-40, -1e-40, 1e38, -1e38}};

static double argument(int i)
{{
    if (i < SPECIAL)
        return special[i];
    return i % 2 ? (i - COUNT / 2) * 0.0123 : ldexp(i % 4 ? 1.3 : -1.7, i / 8 - 62);
}}

static int agree(double got, double wanted, double precision, double least)
{{
    if (isnan(wanted) || isinf(wanted) || wanted == 0)
        return isnan(wanted) ? isnan(got) : got == wanted && !signbit(got) == !signbit(wanted);
    return fabs(got - wanted) <= precision * fabs(wanted) + least;
}}

{checks}{loops}int main(void)
{{
{calls}    return 0;
}}
"""


# How far values may be apart: relative to them, and where they are subnormal.
_PRECISION = {"double": ("2e-15", "1e-322"), "float": ("1e-6", "1e-44")}


def _check(real: str, precision: str, least: str) -> str:
    """Vector and plain values at all arguments; a second one runs over the special ones."""
    return f"""\
static void check_{real}(const char *name, void (*loop)(const {real} *, {real}, {real} *),
                         {real} (*plain)({real}, {real}), int second)
{{
    static {real} x[COUNT], z[COUNT];
    for (int i = 0; i < COUNT; i++)
        x[i] = argument(i);
    for (int k = 0; k < second; k++) {{
        loop(x, argument(k), z);
        for (int i = 0; i < COUNT; i++)
            if (!agree(z[i], plain(x[i], argument(k)), {precision}, {least}))
                return;
    }}
    puts(name);
}}

"""


def _loop(name: str) -> str:
    """The function in a loop, and by itself."""
    prototype = _prototype(name)
    real = prototype.split()[0]
    second = ", y" if "," in prototype else ""
    return f"""\
static void loop_{name}(const {real} *x, {real} y, {real} *z)
{{
    #pragma omp simd
    for (int i = 0; i < COUNT; i++)
        z[i] = {name}(x[i]{second});
}}

static {real} plain_{name}({real} x, {real} y)
{{
    return {name}(x{second});
}}

"""


def _call(name: str) -> str:
    prototype = _prototype(name)
    second = "SECOND" if "," in prototype else "1"
    return f'check_{prototype.split()[0]}("{name}", loop_{name}, plain_{name}, {second});'
