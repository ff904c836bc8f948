"""What a C compiler can do on this machine, proved by programs that are compiled and run.

Mostly one program proves everything at once; only when it fails is each ability tried alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gradform.execute.native.process import Outcome, run
from gradform.records import record, replaced

__all__ = ["Abilities", "NoCompilerError", "probe", "vector_prototypes"]

# Optimisation that keeps the meaning of NaN, infinities and signed zeros: only errno, traps and
# the rounding of a product that is added to are given up. Loops of a few turns are written out
# where that is short: longer ones took GCC a tenth of its time and ran no faster. What is left out
# takes it a seventh, and changes nothing in loops with constant bounds.
_QUICK = (
    "--param=max-completely-peeled-insns=64",
    "-fno-tree-ccp",
    "-fno-gcse",
    "-fno-unswitch-loops",
    "-fno-split-loops",
    "-fno-loop-interchange",
    "-fno-predictive-commoning",
)
_FLAGS = (
    "-O3",
    *_QUICK,
    "-march=native",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=fast",
    "-fopenmp-simd",
)
_OPENMP = ("-fopenmp",)
_VECTOR_LIBRARY = ("-lmvec",)
_LIBRARIES = ("-lm",)

# Functions of <math.h> in libmvec: those of glibc 2.22, and with them what 2.35 added.
_OLD = ("cos", "exp", "log", "sin", "pow")
_NEW = (
    *_OLD,
    *("acos", "acosh", "asin", "asinh", "atan", "atanh", "cbrt", "cosh", "erf", "erfc"),
    *("expm1", "log10", "log1p", "log2", "sinh", "tan", "tanh", "atan2", "hypot"),
)
_BINARY = frozenset({"pow", "atan2", "hypot"})


@record
class Abilities:
    """Flags that work, and functions whose vector variants are right."""

    version: str
    flags: tuple[str, ...] = _FLAGS
    openmp: tuple[str, ...] = _OPENMP
    libraries: tuple[str, ...] = (*_VECTOR_LIBRARY, *_LIBRARIES)
    vector_math: tuple[str, ...] = ()


class NoCompilerError(Exception):
    """The program that was given builds nothing; the text says why."""


def probe(command: Sequence[str], directory: Path) -> Abilities:
    """What a compiler can do. Programs are built and run in the directory, and stay there.

    Raises NoCompilerError when not even an empty program runs.
    """

    def attempt(wanted: Abilities, names: Sequence[str] = ()) -> Abilities | None:
        return _attempt(command, directory, wanted, names)

    everything = attempt(Abilities(""), _NEW)
    if everything is not None:
        return everything
    outcome = _outcome(command, directory, _LIBRARIES, _program((), False))
    if not outcome.succeeded:
        raise NoCompilerError(outcome.complaint)
    plain = Abilities("", flags=(), openmp=(), libraries=_LIBRARIES)
    flags = tuple(flag for flag in _FLAGS if attempt(replaced(plain, flags=(flag,))))
    known = attempt(replaced(plain, flags=flags)) or plain
    known = attempt(replaced(known, openmp=_OPENMP)) or known
    vectors = replaced(known, libraries=(*_VECTOR_LIBRARY, *_LIBRARIES))
    return attempt(vectors, _NEW) or attempt(vectors, _OLD) or known


def _attempt(
    command: Sequence[str], directory: Path, wanted: Abilities, names: Sequence[str]
) -> Abilities | None:
    """The wanted abilities with what a program finds; None when it is not built or fails."""
    flags = (*wanted.flags, *wanted.openmp, "-O1", *wanted.libraries)
    every = [name + suffix for suffix in ("", "f") for name in names]
    outcome = _outcome(command, directory, flags, _program(every, bool(wanted.openmp)))
    if not outcome.succeeded:
        return None
    version, *right = outcome.output.splitlines()
    return replaced(wanted, version=version, vector_math=tuple(right))


def _outcome(command: Sequence[str], directory: Path, flags: Sequence[str], source: str) -> Outcome:
    (directory / "probe.c").write_text(source)
    built = run([*command, "probe.c", "-o", "probe", *flags], directory)
    return run(["./probe"], directory) if built.succeeded else built


def vector_prototypes(names: Sequence[str]) -> str:
    """Declarations by which a loop calls the vector variants of these functions."""
    return "".join(f'__attribute__((simd("notinbranch"))) {_prototype(name)};\n' for name in names)


def _prototype(name: str) -> str:
    real = "float" if name.endswith("f") and name != "erf" else "double"
    plain = name[:-1] if real == "float" else name
    return f"{real} {name}({', '.join([real] * (2 if plain in _BINARY else 1))})"


# ---------------------------------------------------------------- the program


def _program(names: Sequence[str], openmp: bool) -> str:
    """Prints the compiler's version, then the names of the functions whose values agree.

    Vector variants are compared with plain calls at NaN, infinities, zeros of both signs,
    subnormal, tiny and huge numbers and on a grid: values agree to a few units in the last
    place, or are the same NaN, infinity or signed zero. Fails when threads do not work.
    """
    checks = "".join(_check(real, *_PRECISION[real]) for real in _PRECISION) if names else ""
    return f"""\
#include <math.h>
#include <stdio.h>
{_THREADS if openmp else ""}
{vector_prototypes(names)}
{_ARGUMENTS if names else ""}
{checks}{"".join(_loop(name) for name in names)}int main(void)
{{
    puts(__VERSION__);
{"".join(f"    {_call(name)}{chr(10)}" for name in names)}\
    return {"!threads_work()" if openmp else "0"};
}}
"""


_THREADS = """\
#include <omp.h>
static int threads_work(void)
{
    int total = 0;
    #pragma omp parallel for num_threads(2) reduction(+ : total)
    for (int i = 0; i < 100; i++)
        total += i;
    return total == 4950 && omp_get_max_threads() >= 1;
}
"""

_ARGUMENTS = """\
enum { SPECIAL = 24, SECOND = 32, COUNT = 1000 };
static const double special[SPECIAL] = {
    NAN, INFINITY, -INFINITY, 0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1e3, -1e3,
    1e300, -1e300, 1e-300, -1e-300, 5e-324, -5e-324, 4e-310, 1e-40, -1e-40, 1e38, -1e38};

static double argument(int i)
{
    if (i < SPECIAL)
        return special[i];
    return i % 2 ? (i - COUNT / 2) * 0.0123 : ldexp(i % 4 ? 1.3 : -1.7, i / 8 - 62);
}

static int agree(double got, double wanted, double precision, double least)
{
    if (isnan(wanted) || isinf(wanted) || wanted == 0)
        return isnan(wanted) ? isnan(got) : got == wanted && !signbit(got) == !signbit(wanted);
    return fabs(got - wanted) <= precision * fabs(wanted) + least;
}
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
