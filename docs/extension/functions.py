"""The function reference: a page for each family, made from the records.

Derivatives, conditions, sets at kinks and curvature are gradform's own answers; the rest is what
the record says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from string import Formatter

import gradform as gf
from docs.extension.markdown import code, formula, heading, sentence, table
from docs.extension.samples import Sample, is_entrywise, sample_calls
from gradform.cli.vocabulary import call_of
from gradform.execute.backend import language_names
from gradform.functions import all_functions
from gradform.functions.record import Function

__all__ = ["families", "family_page", "overview"]

_PACKAGE = "gradform.functions"
_TITLES = {
    "numpy": "NumPy",
    "jax": "JAX",
    "torch": "PyTorch",
    "c": "C",
    "matlab": "MATLAB",
    "julia": "Julia",
}
_CURVATURES = {
    "convex": "convex",
    "concave": "concave",
    "affine": "affine",
    "neither": "neither convex nor concave",
}
_LONGEST = 110
"""A derivative that is longer says less than the differential."""


def families() -> dict[str, list[Function]]:
    """The records by the file that they stand in, in order of registration."""
    found: dict[str, list[Function]] = {}
    for record in all_functions():
        found.setdefault(_file(record), []).append(record)
    return found


def _file(record: Function) -> str:
    """The file of the record: its reference value is written there, or its shape rule."""
    assert record.evaluate is not None
    named = [record.evaluate, record.build, record.differential, *record.partials]
    files = [str(each.__module__) for each in named if each is not None]
    inside = [file for file in files if file.startswith(_PACKAGE) and not file.endswith("numeric")]
    return inside[0].rpartition(".")[2]


def overview() -> str:
    """Every function on a line, by family."""
    parts = [heading(1, "Functions"), _INTRODUCTION]
    for family, records in families().items():
        parts.append(heading(2, f"[{_title(family)}](functions-{family}.md)"))
        lines = [(f"[{code(call_of(r))}]({_target(r)})", sentence(r.formula)) for r in records]
        parts.append(table(["", ""], lines))
    names = [f"functions-{family}" for family in families()]
    parts.append("\n".join(["```{toctree}", ":hidden:", "", *names, "```"]))
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = """\
These pages are made when the documentation is built. Derivatives, their conditions, sets at
kinks and curvature are what gradform answers there and then, in the layout `ml` and confirmed
by its independent check. The rest stands in the record that defines the function ([Adding a
function](../../adding-a-function.md)).

Functions that act entry by entry are differentiated as functions of numbers: the derivative by
a vector is the diagonal matrix of those. Where the derivative has more than two axes, the
differential stands instead. Spellings are those of the record; JAX and PyTorch use NumPy's
under their own names where they have none."""


def family_page(family: str) -> str:
    """The functions of one file."""
    parts = [heading(1, _title(family))]
    for record in families()[family]:
        parts.append(heading(2, record.name, _target(record)))
        parts.append(table([code(call_of(record)), sentence(record.formula)], _facts(record)))
    return "\n\n".join(parts) + "\n"


def _title(family: str) -> str:
    """What the file says it holds, up to where it goes into detail."""
    first = (import_module(f"{_PACKAGE}.{family}").__doc__ or family).split("\n")[0]
    return sentence(re.split("[:;.]", first)[0])


def _target(record: Function) -> str:
    return f"function-{record.name}"


# ---------------------------------------------------------------- facts


def _facts(record: Function) -> Iterator[tuple[str, str]]:
    if record.aliases:
        yield "also", ", ".join(map(code, record.aliases))
    yield from _derivatives(record)
    if record.no_derivative:
        yield "no derivative", sentence(record.no_derivative)
    yield from _kinks(record)
    yield from _knowledge(record)
    yield from _code(record)


def _derivatives(record: Function) -> Iterator[tuple[str, str]]:
    conditions: dict[str, None] = {}
    # What takes its shape from the formula around it has none alone.
    for sample in () if record.sized else sample_calls(record):
        for name, d in sample.derivatives():
            yield f"{code(sample.call)} by {code(name)}", _shown(d)
            conditions.update(dict.fromkeys(map(str, d.conditions)))
    if conditions:
        yield "where", "; ".join(map(_condition, conditions))


def _shown(d: gf.Derivative) -> str:
    if len(d.text) > _LONGEST or d.text == d.index_notation:
        return code(d.differential)
    return formula(f"{d.quotient_latex} = {d.latex}")


def _condition(text: str) -> str:
    return code(text) if any(sign in text for sign in "<>=") else sentence(text)


def _kinks(record: Function) -> Iterator[tuple[str, str]]:
    if record.arity[0] == 1:
        for place, left, right in record.kinks:
            slopes = f"at {place:g}: slopes {left:g} on the left, {right:g} on the right"
            yield "kink", slopes + _set_at(record, place)


def _set_at(record: Function, place: float) -> str:
    try:
        found = gf.subdifferential(f"{record.name}(x)", at=str(place))
    except gf.GradformError:
        return ""
    return f"; subdifferential {code(str(found))}"


def _knowledge(record: Function) -> Iterator[tuple[str, str]]:
    if record.sign or record.parity:
        yield "value", ", ".join(filter(None, (record.sign, record.parity)))
    if record.exact:
        values = [f"{record.name}({at}) = {value}" for at, value in record.exact.items()]
        yield "exactly", ", ".join(map(code, values))
    if record.definition:
        yield "defined as", code(record.definition)
    if record.curvature:
        yield "curvature", record.curvature + _on_structures(record) + _source(record)
    elif is_entrywise(record) and record.arity == (1, 1):
        yield from _of_one_variable(record)
    if any(record.monotone):
        ways = [way or "neither" for way in record.monotone]
        yield "monotone", ways[0] if len(ways) == 1 else ", ".join(ways) + " (by argument)"


def _on_structures(record: Function) -> str:
    wanted = [f"argument {k} {s}" for k, s in enumerate(record.convex_on, 1) if s]
    return f", for {' and '.join(wanted)}" if wanted else ""


def _source(record: Function) -> str:
    return f" ({sentence(record.known_from)})" if record.known_from else ""


def _of_one_variable(record: Function) -> Iterator[tuple[str, str]]:
    """What the proofs of convexity find."""
    try:
        found = gf.convexity(f"{record.name}(x)")
    except gf.GradformError:
        return
    if found.label in _CURVATURES:
        yield "curvature", f"{_CURVATURES[found.label]} on {code(found.to_dict()['domain'])}"


# ---------------------------------------------------------------- code


def _code(record: Function) -> Iterator[tuple[str, str]]:
    spelled = [
        f"{title} {code(_filled(record.spell[language]))}"
        for language, title in _TITLES.items()
        if language in record.spell
    ]
    if spelled:
        yield "in code", "; ".join(spelled)
    lacking = [_TITLES[each] for each in _TITLES if not _is_written(record, each)]
    if lacking:
        yield "not in", ", ".join(lacking)


def _filled(template: str) -> str:
    """The template over x, y, z; sizes and places for results are called what they are."""
    fields = [field for _, field, _, _ in Formatter().parse(template) if field]
    return template.format(*"xyzuvw", **{each: each for each in fields if not each.isdecimal()})


def _is_written(record: Function, language: str) -> bool:
    """Whether the value can be written in a language."""
    assert language in language_names()
    sample: Sample = sample_calls(record)[0]
    if record.sized or not sample.shapes:
        return True  # a constant, which every language has as a part of formulas
    try:
        sample.parsed().source(language)
    except gf.CannotError:
        return False
    return True
