"""Derivatives of functions of scalars, vectors and matrices, as certified closed formulas.

>>> import gradform as gf
>>> print(gf.derivative("x'*A*x", wrt="x"))
(A + A')*x
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from gradform.api.compiling import compile, source
from gradform.api.expression import Expression
from gradform.api.nonsmooth import convexity, one_sided, subdifferential
from gradform.api.questions import (
    derivative,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    matrix,
    parse,
    row,
    scalar,
    to_layout,
    vector,
    vjp,
)
from gradform.api.settings import settings
from gradform.api.several import Derivatives
from gradform.api.vocabulary import function, function_names
from gradform.derive.answer import Derivative
from gradform.errors import (
    ArrayError,
    CannotError,
    FormulaSyntaxError,
    GradformError,
    InputError,
    LimitError,
    ShapeError,
    StructureError,
    UnconfirmedError,
    UnknownNameError,
)
from gradform.version import __version__

__all__ = [
    "ArrayError",
    "CannotError",
    "Derivative",
    "Derivatives",
    "Expression",
    "FormulaSyntaxError",
    "GradformError",
    "InputError",
    "LimitError",
    "ShapeError",
    "StructureError",
    "UnconfirmedError",
    "UnknownNameError",
    "__version__",
    "compile",
    "convexity",
    "derivative",
    "function_names",
    "gradient",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "matrix",
    "one_sided",
    "parse",
    "row",
    "scalar",
    "settings",
    "source",
    "subdifferential",
    "to_layout",
    "vector",
    "vjp",
]


def __getattr__(name: str) -> Callable[..., Expression]:
    """The functions of the input language: ``gf.exp``, ``gf.norm2``, ``gf.softmax`` …"""
    found = function(name)
    if found is None:
        raise AttributeError(f"module 'gradform' has no attribute '{name}'")
    return found


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext gradform`` gives notebooks the cell magic ``%%gradform``."""
    import_module("gradform.notebook.magic").register(shell)


def __dir__() -> list[str]:
    return sorted({*globals(), *function_names()})
