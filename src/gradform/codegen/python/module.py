"""Python source for a program: one function that needs NumPy alone, or SciPy with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from gradform.codegen.lowering.expressions import lower
from gradform.codegen.program.extents import least_sizes, sizes_in
from gradform.codegen.program.operations import Call, Frechet, Input, Mapped
from gradform.codegen.program.straight_line import Arrangement, Program, Value, live_values
from gradform.codegen.python.body import Writer
from gradform.codegen.python.functions import helper_name
from gradform.codegen.python.helpers import HELPERS
from gradform.codegen.python.spelling import Speller
from gradform.codegen.text.names import Names
from gradform.codegen.text.pieces import wrapped
from gradform.codegen.text.sizes import ShapeChecks, VariableLike
from gradform.functions.record import Function
from gradform.ir.nodes import Node

__all__ = ["generate"]

_SCIPY = ("linalg", "special")


def generate(
    name: str,
    outputs: Sequence[tuple[str, Node, Arrangement]],
    variables: Sequence[VariableLike],
    *,
    docstring: str,
) -> str:
    """Source of a function of the variables that returns the outputs.

    name        of the function
    outputs     (name, expression, how its array is laid out); one output is returned as
                itself, several as a tuple; scalars are returned as floats
    variables   become parameters, in this order. A name that Python or the source itself
                needs gets an underscore (``lambda_``). Sizes that no variable tells become
                further parameters
    docstring   of the function

    The function takes whatever ``numpy.asarray`` takes, checks shapes and raises ValueError
    when they do not fit. It runs in any interpreter that has NumPy (and SciPy, where the
    expression has special or matrix functions).
    """
    program, values = lower(
        [(node, arrangement) for _, node, arrangement in outputs],
        [variable.name for variable in variables],
    )
    live = live_values(program, values)
    helpers = _record_helpers(program, live)
    reserved = [*HELPERS, *(helper for helper, _ in helpers)]
    function = Names(reserved).claim(name)
    names = Names(reserved)
    identifiers = {variable.name: names.claim(variable.name) for variable in variables}
    _check_inputs(program, live, identifiers)
    least = least_sizes(program, live)
    checks = ShapeChecks(variables, identifiers, names, sizes_in(program, live), least)
    labels = [names.claim(label) for label, _, _ in outputs]
    writer = Writer(program, live, values, Speller(identifiers, checks.names), names)
    body = writer.write(labels)
    parameters = ", ".join([*identifiers.values(), *checks.parameters])
    lines = [
        *(_QUIET if any(_chooses(program, value) for value in live) else ()),
        *_signature(function, parameters),
        *_docstring(docstring),
        *(f"    {line}" for line in checks.lines),
        *body,
    ]
    return _module("\n".join(lines) + "\n", [source for _, source in helpers])


# ---------------------------------------------------------------- the parts of a module


def _module(function: str, helpers: Sequence[str]) -> str:
    """Imports, the helpers that are called, the function."""
    code = "\n".join([*helpers, function])
    own: list[str] = []
    for name, source in HELPERS.items():
        if re.search(rf"\b{name}\(", code) or (name == "_frechet" and "_frechet_tensor(" in code):
            own.append(source)
    parts = [*(part.rstrip("\n") + "\n" for part in (*own, *helpers)), function]
    body = "\n\n".join(parts)
    scipy = [module for module in _SCIPY if re.search(rf"(?<![\w.]){module}\.", body)]
    imports = "import numpy as np\n"
    if scipy:
        imports += f"from scipy import {', '.join(scipy)}\n"
    return f"{imports}\n\n{body}"


# A value that is not chosen may be undefined, as log(x) in piecewise(x > 0, log(x), 0).
_QUIET = ('@np.errstate(divide="ignore", invalid="ignore", over="ignore")',)


def _chooses(program: Program, value: Value) -> bool:
    operation = program.operation(value)
    return isinstance(operation, Call) and operation.function.chooses


def _signature(name: str, parameters: str) -> list[str]:
    """The line ``def name(parameters):``, broken where it is too long."""
    lines = wrapped(f"def {name}", parameters, "") if len(name + parameters) > 90 else []
    if not lines:
        return [f"def {name}({parameters}):"]
    return [*lines[:-1], "):"]


def _docstring(text: str) -> list[str]:
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').strip()
    if escaped.endswith('"'):
        escaped = escaped[:-1] + '\\"'
    if not escaped:
        return []
    first, *rest = escaped.split("\n")
    if not rest:
        return [f'    """{first}"""']
    return [f'    """{first}', *(f"    {line}".rstrip() for line in rest), '    """']


def _record_helpers(program: Program, live: Iterable[Value]) -> list[tuple[str, str]]:
    """Names and sources of the functions that records bring along, each once."""
    found: dict[str, str] = {}
    for value in live:
        operation = program.operation(value)
        if isinstance(operation, Call | Frechet | Mapped):
            function: Function = operation.function
            if "numpy" not in function.spell and "numpy" in function.helpers:
                found[helper_name(function)] = function.helpers["numpy"]
    return list(found.items())


def _check_inputs(program: Program, live: Iterable[Value], identifiers: Mapping[str, str]) -> None:
    for value in live:
        operation = program.operation(value)
        if isinstance(operation, Input) and operation.name not in identifiers:
            raise ValueError(f"{operation.name!r} is not among the variables")
