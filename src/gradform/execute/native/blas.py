"""The routines that native code calls: BLAS and LAPACK as SciPy ships them, special functions.

A native module gets a pointer to one table, ``gf_library``. What stands in it is listed here
and nowhere else: the C text of its declaration and the table itself come from one list.
Entries are filled when a module that names them is loaded, so that SciPy is imported only
for code that calls it.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from gradform.errors import CannotError
from gradform.language import say

__all__ = ["DECLARATION", "FUNCTIONS", "ROUTINES", "names_in", "table"]

# Routines by module, without the letter of the precision. The first letter of a signature is
# what is returned, the others are arguments: v void, R a number, c char *, i int *, r numbers.
_FORTRAN: Mapping[str, Mapping[str, str]] = {
    "scipy.linalg.cython_blas": {
        "asum": "Riri",
        "axpy": "virriri",
        "copy": "viriri",
        "dot": "Ririri",
        "gemm": "vcciiirririrri",
        "gemv": "vciirririrri",
        "ger": "viirririri",
        "nrm2": "Riri",
        "scal": "virri",
        "swap": "viriri",
        "symm": "vcciirririrri",
        "symv": "vcirririrri",
        "syr": "vcirriri",
        "syr2": "vcirririri",
        "syr2k": "vcciirririrri",
        "syrk": "vcciirrirri",
        "trmm": "vcccciirriri",
        "trmv": "vccciriri",
        "trsm": "vcccciirriri",
        "trsv": "vccciriri",
    },
    "scipy.linalg.cython_lapack": {
        "gbtrf": "viiiiriii",
        "gbtrs": "vciiiiriirii",
        "gecon": "vcirirrrii",
        "gels": "vciiiriririi",
        "geqrf": "viirirrii",
        "gesdd": "vciirirriririii",
        "gesv": "viiriirii",
        "getrf": "viiriii",
        "getri": "viriirii",
        "getrs": "vciiriirii",
        "gttrf": "virrrrii",
        "gttrs": "vciirrrririi",
        "lacpy": "vciiriri",
        "lange": "Rciirir",
        "laset": "vciirrri",
        "lauum": "vcirii",
        "orgqr": "viiirirrii",
        "pbtrf": "vciirii",
        "pbtrs": "vciiiririi",
        "posv": "vciiririi",
        "potrf": "vcirii",
        "potri": "vcirii",
        "potrs": "vciiririi",
        "pttrf": "virri",
        "pttrs": "viirrrii",
        "syev": "vccirirrii",
        "syevd": "vccirirriiii",
        "sytrf": "vciriirii",
        "sytri": "vciriiri",
        "sytrs": "vciiriirii",
        "trtri": "vccirii",
        "trtrs": "vccciiririi",
    },
}
_PRECISIONS = {"d": "double", "s": "float"}


class Universal(NamedTuple):
    """A universal function of doubles: where NumPy code finds it, how many arguments it has."""

    module: str
    name: str
    arguments: int


FUNCTIONS: Mapping[str, Universal] = {
    "dawsn": Universal("scipy.special", "dawsn", 1),
    "gamma": Universal("scipy.special", "gamma", 1),
    "gammaln": Universal("scipy.special", "gammaln", 1),
    "psi": Universal("scipy.special", "psi", 1),
    "zeta": Universal("scipy.special._ufuncs", "_zeta", 2),
}


# ---------------------------------------------------------------- the declaration


class Routine:
    """One entry of the table: its name, its C declaration, where its address comes from."""

    __slots__ = ("module", "name", "precision", "signature")

    def __init__(self, name: str, module: str, signature: str, precision: str) -> None:
        self.name = name
        self.module = module
        self.signature = signature
        self.precision = precision

    @property
    def declaration(self) -> str:
        """A pointer to a function in C."""
        real = _PRECISIONS[self.precision]
        types = {"v": "void", "R": real, "c": "char *", "i": "int *", "r": f"{real} *"}
        returned, *arguments = (types[letter] for letter in self.signature)
        return f"{returned} (*{self.name})({', '.join(arguments)});"


def _routines() -> Iterator[Routine]:
    for module, signatures in _FORTRAN.items():
        for precision in _PRECISIONS:
            for name, signature in signatures.items():
                yield Routine(precision + name, module, signature, precision)


ROUTINES: Mapping[str, Routine] = {each.name: each for each in _routines()}

DECLARATION = f"""\
typedef struct {{
    void (*loop)(char **, const long *, const long *, void *);
    void *data;
}} gf_function;

typedef struct {{
{chr(10).join(f"    {routine.declaration}" for routine in ROUTINES.values())}
{chr(10).join(f"    gf_function {name};" for name in FUNCTIONS)}
}} gf_library;

/* y[i] = f(x[i]) by a function of the library, over doubles */
static inline void gf_map(const gf_function *f, long count, const double *x, double *y)
{{
    char *ends[2] = {{(char *)x, (char *)y}};
    const long steps[2] = {{sizeof(double), sizeof(double)}};
    f->loop(ends, &count, steps, f->data);
}}

static inline double gf_call(const gf_function *f, double x)
{{
    double y;
    gf_map(f, 1, &x, &y);
    return y;
}}

static inline double gf_call2(const gf_function *f, double x, double y)
{{
    double z;
    char *ends[3] = {{(char *)&x, (char *)&y, (char *)&z}};
    const long count = 1, steps[3] = {{0, 0, 0}};
    f->loop(ends, &count, steps, f->data);
    return z;
}}
"""


def names_in(source: str) -> frozenset[str]:
    """The entries that C text uses: what it writes as ``lib->name``."""
    return frozenset(re.findall(r"lib->(\w+)", source))


# ---------------------------------------------------------------- the table

_places = {name: place for place, name in enumerate(ROUTINES)}
_special_places = {name: len(ROUTINES) + 2 * position for position, name in enumerate(FUNCTIONS)}
_table = (ctypes.c_void_p * (len(ROUTINES) + 2 * len(FUNCTIONS)))()
_filled: set[str] = set()


def table(names: Iterable[str]) -> int:
    """The address of the table, with these entries filled; it is one and stays in place.

    Raises CannotError when the SciPy that is installed has no such routine.
    """
    for name in names:
        if name not in _filled:
            if name in ROUTINES:
                _table[_places[name]] = _address(ROUTINES[name])
            elif name not in FUNCTIONS:
                raise CannotError(
                    say("There is no routine named '{name}'.", name=name), kind="blas"
                )
            else:
                place = _special_places[name]
                _table[place], _table[place + 1] = _loop(FUNCTIONS[name])
            _filled.add(name)
    return ctypes.addressof(_table)


def _address(routine: Routine) -> int:
    """The address in the capsule by which SciPy exports a routine, its C type checked."""
    capsules: Mapping[str, Any] = import_module(routine.module).__pyx_capi__
    capsule = capsules.get(routine.name)
    if capsule is None:
        raise _refusal(say("has no routine {name}", name=routine.name))
    told = _capsule_name(capsule)
    if _letters(told.decode(), routine.precision) != routine.signature:
        raise _refusal(say("declares {name} as {type}", name=routine.name, type=told.decode()))
    return int(_capsule_pointer(capsule, told))


def _letters(declaration: str, precision: str) -> str:
    """A C type as SciPy writes it, in the letters of the list above."""
    returned, _, arguments = declaration.rstrip(")").partition(" (")
    letters = {"void": "v", "char *": "c", "int *": "i"}

    def letter(text: str) -> str:
        if text in letters:
            return letters[text]
        name, pointer, _ = text.partition(" *")
        if not name.endswith(f"_{precision}"):
            return "?"
        return "r" if pointer else "R"

    return letter(returned) + "".join(letter(text.strip()) for text in arguments.split(","))


_capsule_name = ctypes.pythonapi.PyCapsule_GetName
_capsule_name.argtypes = [ctypes.py_object]
_capsule_name.restype = ctypes.c_char_p
_capsule_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_capsule_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
_capsule_pointer.restype = ctypes.c_void_p


class _Ufunc(ctypes.Structure):
    """The first fields of a NumPy universal function, which are part of its binary interface."""

    _fields_ = (
        ("head", ctypes.c_char * object.__basicsize__),
        ("inputs", ctypes.c_int),
        ("outputs", ctypes.c_int),
        ("arguments", ctypes.c_int),
        ("identity", ctypes.c_int),
        ("functions", ctypes.POINTER(ctypes.c_void_p)),
        ("data", ctypes.POINTER(ctypes.c_void_p)),
    )


def _loop(function: Universal) -> tuple[int, int]:
    """The inner loop over doubles of a universal function, and what it is handed."""
    found = getattr(import_module(function.module), function.name, None)
    types = getattr(found, "types", ())
    wanted = "d" * function.arguments + "->d"
    if wanted not in types:
        raise _refusal(
            say(
                "has no function {name} of {count} doubles",
                name=function.name,
                count=function.arguments,
            )
        )
    place = types.index(wanted)
    fields = _Ufunc.from_address(id(found))
    return int(fields.functions[place] or 0), int(fields.data[place] or 0)


def _refusal(what: str) -> CannotError:
    return CannotError(
        say("The SciPy that is installed {what}.", what=what),
        kind="blas",
        hint=say("install a SciPy of version 1.11 or later, or use backend='numpy'"),
    )
