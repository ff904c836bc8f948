"""The rule reference: the named equations and the laws of the normal form, by their docstrings."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from types import FunctionType, ModuleType

from docs.extension.markdown import code, heading, sentence, table
from gradform.functions import all_functions
from gradform.functions.record import Function
from gradform.ir.laws import SUM_POWER_LAWS, Network
from gradform.rewrite import EQUATIONS

__all__ = ["laws_of", "rules_page", "statements"]

_PRODUCTS = ("gradform.ir.selectors", "gradform.ir.declared")
_FORMS = (
    "gradform.rewrite.factor",
    "gradform.rewrite.fractions",
    "gradform.rewrite.inverse",
    "gradform.rewrite.named",
    "gradform.rewrite.places",
)
_INTRODUCTION = """\
What makes derivatives short. Laws of the normal form hold for every product and are applied
while an expression is built; named equations replace a sum by something shorter; further forms
are tried, and the shortest that can be written is shown. Every law is tested: both sides have
one value wherever the law applies, and the answer as a whole is confirmed by a check that knows
none of them. [Adding a rule](../../adding-a-rule.md) shows how one is written."""


def rules_page() -> str:
    """All of them on one page."""
    equations = [(code(each.name), sentence(each.statement)) for each in EQUATIONS]
    products = _all(Network)
    products += [text for name in _PRODUCTS for text in _all(import_module(name))]
    products += [text for law in SUM_POWER_LAWS for text in statements(law)]
    forms = [text for name in _FORMS for text in _all(import_module(name))]
    return "\n\n".join(
        [
            heading(1, "Rules"),
            _INTRODUCTION,
            heading(2, "Named equations"),
            table(["name", "equation"], equations),
            heading(2, "Laws of every product"),
            _list(products),
            heading(2, "Laws of functions"),
            table(["function", "law"], _of_functions()),
            heading(2, "Forms of sums and products"),
            _list(forms),
            "",
        ]
    )


def _list(texts: list[str]) -> str:
    return "\n".join(f"- {sentence(text)}" for text in dict.fromkeys(texts))


def _of_functions() -> Iterator[tuple[str, str]]:
    names: dict[str, list[str]] = {}
    for record in all_functions():
        for text in laws_of(record):
            names.setdefault(text, []).append(f"[{code(record.name)}](function-{record.name})")
    for text, links in names.items():
        yield ", ".join(links), sentence(text)


def laws_of(record: Function) -> list[str]:
    """What the record says of its applications among others, each law once."""
    laws = (
        record.rewrite,
        *record.product_laws,
        record.power_law,
        record.network_law,
        record.inverse_law,
    )
    return list(dict.fromkeys(text for law in laws if law for text in statements(law)))


def statements(law: Callable[..., object]) -> list[str]:
    """The equations that the docstring of a law states.

    A law without one was made by a documented function, or calls one that applies the equation.
    """
    if not isinstance(law, FunctionType):
        return []
    module = sys.modules[law.__module__]
    names = [law.__qualname__.partition(".<locals>")[0], *law.__code__.co_names]
    around = [getattr(module, name, None) for name in names]
    documented = [law, *(each for each in around if isinstance(each, FunctionType))]
    return next(([text] for each in documented if (text := _equation(each))), [])


def _all(owner: ModuleType | type) -> list[str]:
    """The equations of the functions of a module, or of the methods of a class."""
    home = owner.__name__ if isinstance(owner, ModuleType) else owner.__module__
    functions = [each for each in vars(owner).values() if isinstance(each, FunctionType)]
    own = [each for each in functions if each.__module__ == home]
    return [text for each in own if (text := _equation(each))]


def _equation(function: FunctionType) -> str | None:
    text = " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())
    return text if " = " in text else None
