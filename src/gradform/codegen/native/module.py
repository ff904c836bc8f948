"""Native code of a program for certain sizes: a C module and what must be known to call it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradform.codegen.native.expand import Expansion
from gradform.codegen.native.kernel import Kernel
from gradform.codegen.native.plan import Plan
from gradform.codegen.native.support import PREAMBLE, preamble, support
from gradform.codegen.program.straight_line import Program, Value
from gradform.records import record

__all__ = ["NativeFunction", "function", "module_text"]

REALS = {"float64": "double", "float32": "float"}


@record
class NativeFunction:
    """A C function ``gf_<name>`` for certain sizes, or ``gf_<name>_batch`` over many points.

    formulas    C functions of entries that it calls
    routines    helpers of the module that they call
    work        bytes of scratch memory
    failures    what the codes 1, 2, … that it returns mean
    """

    name: str
    text: str
    formulas: tuple[str, ...]
    routines: frozenset[str]
    helpers: tuple[str, ...]
    inputs: tuple[tuple[int, ...], ...]
    outputs: tuple[tuple[int, ...], ...]
    work: int
    failures: tuple[str, ...]


def function(
    name: str,
    program: Program,
    outputs: Sequence[Value],
    inputs: Sequence[tuple[str, tuple[int, ...]]],
    sizes: Mapping[str, int],
    dtype: str = "float64",
    *,
    batch: bool = False,
) -> NativeFunction:
    """The outputs as a C function of the inputs, given by name and shape in their order.

    ``batch``: over many points; inputs and outputs then come with the step between points.
    """
    places = {each: k for k, (each, _) in enumerate(inputs)}
    expansion = Expansion(program, sizes, places)
    found = expansion.expand(outputs)
    shapes = tuple(expansion.arrays[array].shape for array in found)
    kernel = Kernel(Plan(expansion.arrays, found), REALS[dtype])
    context = kernel.context
    text = _function(name, kernel, len(inputs), len(outputs), batch)
    return NativeFunction(
        name,
        text,
        tuple(context.entries.functions),
        frozenset(context.routines),
        tuple(expansion.helpers),
        tuple(shape for _, shape in inputs),
        shapes,
        context.scratch.bytes,
        tuple(context.failures),
    )


def module_text(functions: Sequence[NativeFunction], dtype: str, declarations: str) -> str:
    """A C module. ``declarations`` are those of ``gf_library`` and of vector functions."""
    routines = frozenset[str]().union(*(each.routines for each in functions))
    helpers = dict.fromkeys(helper for each in functions for helper in each.helpers)
    parts = [PREAMBLE, declarations, *helpers]
    parts += [preamble(REALS[dtype]), support(routines, REALS[dtype])]
    parts += dict.fromkeys(text for each in functions for text in each.formulas)
    parts += [each.text for each in functions]
    return "\n".join(part.strip("\n") + "\n" for part in parts if part)


def _function(name: str, kernel: Kernel, inputs: int, outputs: int, batch: bool) -> str:
    """The function of one point, and the entry that calls it."""
    parameters = [
        *(f"const R *restrict in{k}" for k in range(inputs)),
        *(f"R *restrict out{k}" for k in range(outputs)),
        "char *restrict work",
        "const gf_library *lib",
        "int threads",
    ]
    step = " + point * {}_step[{}]" if batch else ""
    arguments = [
        *(f"(const R *)in[{k}]{step.format('in', k)}" for k in range(inputs)),
        *(f"(R *)out[{k}]{step.format('out', k)}" for k in range(outputs)),
        *("work", "lib", "threads"),
    ]
    point = f"point_{name}({', '.join(arguments)})"
    return f"""\
static inline int point_{name}({", ".join(parameters)})
{{
{chr(10).join(kernel.context.lines.lines)}
    return 0;
}}

{_over_points(name, point) if batch else _once(name, point)}"""


def _once(name: str, point: str) -> str:
    return f"""\
int gf_{name}(const void *const *in, void *const *out, char *work, const gf_library *lib,
    int threads)
{{
    return {point};
}}
"""


def _over_points(name: str, point: str) -> str:
    return f"""\
int gf_{name}_batch(long count, const void *const *in, const long *in_step, void *const *out,
    const long *out_step, char *work, const gf_library *lib, int threads)
{{
    for (long point = 0; point < count; point++) {{
        const int code = {point};
        if (code)
            return code;
    }}
    return 0;
}}
"""
