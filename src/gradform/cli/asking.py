"""Ask what the options say."""

from __future__ import annotations

from gradform.api.questions import derivative
from gradform.api.several import Derivatives
from gradform.cli.arguments import Options
from gradform.derive.answer import Derivative

__all__ = ["ask"]


def ask(formula: str, options: Options) -> Derivative | Derivatives:
    """The derivative, or one for each variable. Raises GradformError."""
    return derivative(
        formula,
        options.wrt,
        shapes=options.shapes or None,
        layout=options.layout,
        order=options.order,
        assume=options.assume,
        constraint=options.constraint,
        conditions=options.conditions,
        infer=True,
        check=options.check,
    )
