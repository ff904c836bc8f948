"""What expressions, and derivatives by several variables, show in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradform.derive.conditions import condition_latex, sizes_and_variables
from gradform.derive.shown import condition_contents, derivative_card, variable_contents
from gradform.language import say
from gradform.markup.contents import Card, Code, Fact, Fold, Formula, Words

if TYPE_CHECKING:
    from gradform.api.expression import Expression
    from gradform.api.several import Derivatives

__all__ = ["derivatives_card", "expression_card"]


def expression_card(expression: Expression) -> Card:
    """The formula with its variables and where it has a value."""
    formula = Formula(expression.latex, expression.text, display=True)
    facts = []
    if expression.variables:
        contents = variable_contents(expression.shapes, expression.structures)
        facts.append(Fact(say("variables"), contents))
    if expression.conditions:
        known = sizes_and_variables(expression.shapes)
        latex = [condition_latex(each, known) for each in expression.conditions]
        facts.append(Fact(say("defined where"), condition_contents(expression.conditions, latex)))
    facts += [Fact(say("note"), [Words(note)]) for note in expression.notes]
    return Card([formula], facts, [Fold("LaTeX", [Code(expression.latex, block=True)])])


def derivatives_card(derivatives: Derivatives) -> Card:
    """All formulas; the facts of each are folded away."""
    cards = {name: derivative_card(each) for name, each in derivatives.items()}
    formulas = [formula for card in cards.values() for formula in card.formulas]
    folds = [
        Fold(say("The derivative by {variable}", variable=name), [Card([], card.facts, card.folds)])
        for name, card in cards.items()
    ]
    return Card(formulas, [], folds)
