"""What a step passes on: its derivatives, tangents upwards, cotangents downwards."""

from __future__ import annotations

from collections.abc import Mapping

from gradform.calculus import kept_sums, push
from gradform.derive.derivation.chain import Chain, Edge, Step
from gradform.derive.pipeline import Question, names_in_order, solve, with_structure
from gradform.derive.products import inner_product
from gradform.formula.tree import Formula, Name, Program, fold, with_children
from gradform.ir import build
from gradform.notation.layout import arrange
from gradform.notation.text import to_text
from gradform.notation.write import written_formula
from gradform.records import replaced
from gradform.rewrite import simplify
from gradform.syntax.elaborate import elaborate
from gradform.syntax.parser import parse_formula

__all__ = ["local_formula", "pulled", "pulled_function", "pushed"]


def local_formula(edge: Edge) -> Program | None:
    """∂step/∂child in the layout, the step's own value by its name: 1 - u2.^2 for tanh."""
    return _with_value(edge.formula, edge.parent)


def _with_value(formula: Program | None, step: Step) -> Program | None:
    if formula is None:
        return None
    own = to_text(step.formula)

    def visit(node: Formula, kids: list[Formula]) -> Formula:
        tree = with_children(node, kids)
        return Name(step.name) if to_text(tree) == own else tree

    definitions = tuple(
        replaced(each, value=fold(each.value, visit)) for each in formula.definitions
    )
    return Program(definitions, fold(formula.body, visit))


def pulled_function(chain: Chain, step: Step, cotangent: str) -> Question:
    """⟨cotangent, step⟩, whose gradient by what the step depends on is the cotangent there."""
    inner = inner_product(cotangent, step.formula, step.shape)
    return Question(
        to_text(inner),
        (),
        _shapes_below(chain, step) | {cotangent: chain.shapes[step.name]},
        "ml",
        _structures_below(chain, step),
        infer=False,
    )


def pulled(chain: Chain, edge: Edge, cotangent: str) -> Program | None:
    """The step's share in the cotangent of what it depends on; it has the shape of that."""
    question = replaced(pulled_function(chain, edge.parent, cotangent), wrt=(edge.child,))
    return _with_value(solve(question).formula, edge.parent)


def pushed(chain: Chain, step: Step, tangents: Mapping[str, str | None]) -> Program | None:
    """The tangent of a step, linear in those of what it depends on: child to the name of its
    tangent, None for a number whose tangent is 1."""
    moved = {name: chain.shapes[child] for child, name in tangents.items() if name is not None}
    function = elaborate(
        parse_formula(to_text(step.formula)),
        declared=_shapes_below(chain, step) | moved,
        assume=_structures_below(chain, step),
        infer=False,
        plain=set(tangents),
    )
    symbols = {name: variable.symbol for name, variable in function.variables.items()}
    directions = {
        symbols[child]: build.constant(1) if name is None else symbols[name]
        for child, name in tangents.items()
    }
    tangent = push(function.value.node, directions)
    forms = simplify(with_structure(tangent, function), kept_sums(function.value.node))
    _, found = written_formula(
        forms,
        arrange(function.value.shape, [], "mixed"),
        names_in_order(function),
        rows=[name for name, variable in function.variables.items() if variable.shape.is_row],
    )
    return _with_value(found, step)


def _shapes_below(chain: Chain, step: Step) -> dict[str, tuple[str | int, ...]]:
    return {name: shape for name, shape in chain.shapes.items() if name != step.name}


def _structures_below(chain: Chain, step: Step) -> dict[str, list[str]]:
    return {name: words for name, words in chain.structures.items() if name != step.name}
