"""Native code of a program for certain sizes: a C module and what must be known to call it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import prod

from gradform.codegen.native.definitions.collect import collected
from gradform.codegen.native.definitions.expand import Expansion
from gradform.codegen.native.kernel import Kernel
from gradform.codegen.native.storage.plan import Plan
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
    cleared     which outputs must be zeros when it is called
    failures    what the codes 1, 2, … that it returns mean
    """

    name: str
    text: str
    formulas: tuple[str, ...]
    routines: frozenset[str]
    helpers: tuple[str, ...]
    inputs: tuple[tuple[int, ...], ...]
    outputs: tuple[tuple[int, ...], ...]
    cleared: tuple[bool, ...]
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
    batched: Sequence[bool] = (),
    threads: int = 1,
) -> NativeFunction:
    """The outputs as a C function of the inputs, given by name and shape in their order.

    Loops with much work run on so many ``threads``. ``batched`` tells which inputs have a
    leading axis: then the function is over many points.
    """
    places = {each: k for k, (each, _) in enumerate(inputs)}
    expansion = Expansion(program, sizes, places)
    arrays, found = collected(expansion.arrays, expansion.expand(outputs))
    shapes = tuple(arrays[array].shape for array in found)
    kernel = Kernel(Plan(arrays, found), REALS[dtype], threads)
    context = kernel.context
    text = _function(name, kernel, [shape for _, shape in inputs], shapes, batched)
    return NativeFunction(
        name,
        text,
        tuple(context.entries.functions),
        frozenset(context.routines),
        tuple(expansion.helpers),
        tuple(shape for _, shape in inputs),
        shapes,
        tuple(f"out{k}" in context.cleared for k in range(len(shapes))),
        context.scratch.bytes,
        tuple(context.failures),
    )


def module_text(
    functions: Sequence[NativeFunction],
    dtype: str,
    declarations: str,
    vector: Collection[str] = (),
) -> str:
    """A C module. ``declarations`` are those of ``gf_library`` and of ``vector`` functions."""
    routines = frozenset[str]().union(*(each.routines for each in functions))
    helpers = dict.fromkeys(helper for each in functions for helper in each.helpers)
    parts = [PREAMBLE, declarations, *helpers]
    parts += [preamble(REALS[dtype], vector), support(routines, REALS[dtype])]
    parts += dict.fromkeys(text for each in functions for text in each.formulas)
    parts += [each.text for each in functions]
    return "\n".join(part.strip("\n") + "\n" for part in parts if part)


def _function(
    name: str,
    kernel: Kernel,
    inputs: Sequence[tuple[int, ...]],
    outputs: Sequence[tuple[int, ...]],
    batched: Sequence[bool],
) -> str:
    """The function of one point, and the entry that calls it."""
    parameters = [
        *(f"const R *restrict in{k}" for k in range(len(inputs))),
        *(f"R *restrict out{k}" for k in range(len(outputs))),
        "char *restrict work",
        "const gf_library *lib",
        "int threads",
    ]
    steps = [prod(shape) if any(batched) and batched[k] else 0 for k, shape in enumerate(inputs)]
    arguments = [
        *(f"in{k} + point * {step}" if step else f"in{k}" for k, step in enumerate(steps)),
        *(f"out{k} + point * {prod(shape)}" for k, shape in enumerate(outputs)),
        *("work", "lib", "threads"),
    ]
    if not any(batched):
        arguments = [argument.partition(" ")[0] for argument in arguments]
    point = f"point_{name}({', '.join(arguments)})"
    given = [
        *(f"const R *restrict in{k} = (const R *)in[{k}];" for k in range(len(inputs))),
        *(f"R *restrict out{k} = (R *)out[{k}];" for k in range(len(outputs))),
    ]
    zeros = [f"out{k}" for k in range(len(outputs)) if f"out{k}" in kernel.context.cleared]
    note = f"/* {', '.join(zeros)}: zeros when this is called */\n" if zeros else ""
    entry = _over_points(name, given, point, kernel, batched) if any(batched) else None
    return f"""\
{note}static inline int point_{name}({", ".join(parameters)})
{{
{chr(10).join(kernel.context.lines.lines)}
    return 0;
}}

{entry or _once(name, given, point)}"""


def _once(name: str, given: Sequence[str], point: str) -> str:
    lines = "\n".join(f"    {line}" for line in given)
    return f"""\
int gf_{name}(const void *const *in, void *const *out, char *work, const gf_library *lib,
    int threads)
{{
{lines}
    return {point};
}}
"""


def _over_points(
    name: str, given: Sequence[str], point: str, kernel: Kernel, batched: Sequence[bool]
) -> str:
    """A function that is unrolled cannot fail, and points do not wait for each other."""
    if kernel.unrolled:
        lines = kernel.over_points(point, batched)
    else:
        lines = [
            "    for (long point = 0; point < count; point++) {",
            f"        const int code = {point};",
            "        if (code)",
            "            return code;",
            "    }",
        ]
    body = "\n".join([*(f"    {line}" for line in given), *lines])
    return f"""\
int gf_{name}_batch(long count, const void *const *in, void *const *out, char *work,
    const gf_library *lib, int threads)
{{
{body}
    return 0;
}}
"""
