"""What the result of a run shows in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradform.language import say
from gradform.markup.card import to_html
from gradform.markup.contents import Card, Code, Fact, Fold, Words

if TYPE_CHECKING:
    from gradform.minimize.result import Result

__all__ = ["result_html"]


def result_html(result: Result) -> str:
    """The value with its certificate, and the point folded away."""
    verdict, *lines = str(result.certificate).splitlines()
    ended = say(
        "{status} after {iterations} iterations of {method}: {message}",
        status=result.status,
        iterations=result.iterations,
        method=result.method,
        message=result.message,
    )
    facts = [
        Fact(say("value"), [Words(f"{result.value:.12g}")]),
        Fact(say("run"), [Words(ended)]),
        *(Fact(say("certificate"), [Words(line.strip())]) for line in lines[:1]),
    ]
    point = "\n".join(f"{name} = {array}" for name, array in result.x.items())
    folds = [Fold(say("The point"), [Code(point, block=True)])]
    if len(lines) > 1:
        told = Code("\n".join(lines), block=True)
        folds.append(Fold(say("Certificate"), [told]))
    return to_html(Card([Words(verdict)], facts, folds))
