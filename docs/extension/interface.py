"""The Python interface: what ``gradform`` exports, and the members of what is returned."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cached_property

import gradform as gf
from docs.extension.docstrings import as_markdown, entries, signature, summary
from docs.extension.markdown import code, heading, table
from gradform.derive.derivation.steps import Derivation
from gradform.minimize.certificate import Certificate as MinimumCertificate
from gradform.minimize.result import Result
from gradform.nonsmooth.line.convexity_result import LineConvexity
from gradform.nonsmooth.line.map_result import SubdifferentialMap
from gradform.nonsmooth.line.result import LineSubdifferential
from gradform.nonsmooth.questions import OneSided
from gradform.nonsmooth.space.result import SpaceConvexity, SpaceSubdifferential
from gradform.verify.certificate import Certificate

__all__ = ["ANSWERS", "functions", "interface_page", "members"]

ANSWERS: dict[str, tuple[type, ...]] = {
    "Expressions": (gf.Expression,),
    "Derivatives": (gf.Derivative, gf.Derivatives, Certificate, Derivation),
    "Subdifferentials": (
        LineSubdifferential,
        SubdifferentialMap,
        SpaceSubdifferential,
        OneSided,
        LineConvexity,
        SpaceConvexity,
    ),
    "Minima": (Result, MinimumCertificate),
}

_INTRODUCTION = """\
Everything is in `gradform`, here called `gf`. Besides what this page lists, `gf.<name>` is each
[function](functions.md) of the input language, which builds expressions: `gf.softmax(A @ x)`."""


def interface_page() -> str:
    """Functions with their arguments, then classes with their members."""
    parts = [heading(1, "Python interface"), _INTRODUCTION, heading(2, "Functions")]
    for name, function in functions().items():
        parts.append(heading(3, name, f"gf-{name}"))
        parts.append(code(f"gf.{signature(name, function)}"))
        parts.append(as_markdown(function))
    parts += [heading(3, "settings", "gf-settings"), as_markdown(type(gf.settings))]
    for title, classes in ANSWERS.items():
        parts.append(heading(2, title))
        for each in classes:
            parts += [heading(3, each.__name__, f"class-{each.__module__}-{each.__name__}")]
            parts.append(as_markdown(each))
            if rows := list(members(each)):
                parts.append(table(["member", "what it is"], rows))
    return "\n\n".join(parts) + "\n"


def functions() -> dict[str, object]:
    """What is exported and no class, number or setting."""
    found = {name: getattr(gf, name) for name in sorted(gf.__all__)}
    return {name: each for name, each in found.items() if inspect.isfunction(each)}


def members(owner: type) -> Iterator[tuple[str, str]]:
    """Attributes first, then methods, those of gradform's own base classes included.

    What the docstring of the class lists is not told again.
    """
    names = [name for name in dir(owner) if not name.startswith("_") or name == "__call__"]
    told = entries(owner)
    found = {name: inspect.getattr_static(owner, name) for name in names if name not in told}
    shown = {name: each for name, each in found.items() if _is_documented(each)}
    for name, each in shown.items():
        if not inspect.isfunction(each):
            yield code(name), summary(each)
    for name, each in shown.items():
        if inspect.isfunction(each):
            yield code(signature(name, each).removeprefix("__call__")), summary(each)


def _is_documented(member: object) -> bool:
    """Tuples and dictionaries bring members that say nothing about the answer."""
    own = inspect.isfunction(member) and member.__module__.startswith("gradform")
    return own or isinstance(member, property | cached_property)
