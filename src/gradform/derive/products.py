"""Products of a derivative with a vector, as formulas.

Jacobian–vector and Hessian–vector products are derivatives along a direction: D f(x)[v] is
the derivative of f(x + t·v) by t at 0, and the Hessian times v is that of the gradient.
The product of a cotangent u with a Jacobian is the gradient of ⟨u, f(x)⟩. Neither Jacobian
nor Hessian is built.
"""

from __future__ import annotations

from gradform.calculus import derivative, push
from gradform.derive.pipeline import (
    Question,
    Solution,
    Target,
    no_such_variable,
    parse_target,
)
from gradform.derive.reading import read
from gradform.derive.written import written_shape
from gradform.errors import InputError, UnknownNameError
from gradform.formula.tree import Call, Formula, Mul, Name, Program
from gradform.functions.shapes import SCALAR, Shape
from gradform.ir.nodes import symbol
from gradform.language import say
from gradform.notation.layout import arrange
from gradform.notation.text import to_text
from gradform.records import record, replaced
from gradform.syntax.declare import declare
from gradform.syntax.elaborate import Elaborated, Variable

__all__ = ["ProductQuestion", "inner_product", "pulled_back", "solve_product", "typed"]


@record
class ProductQuestion(Question):
    """A derivative whose last order is taken along ``direction``, a new variable.

    ``wrt`` is ``(x,)`` for D f(x)[v] and ``(x, x)`` for the product of the Hessian and v.
    """

    direction: str = "v"


def typed(question: Question, plain: tuple[str, ...] = ()) -> Elaborated:
    """The function of a question with its shapes; entries of ``plain`` are independent."""
    return read(question.source, question.shapes, question.assume, question.infer, plain)


def solve_product(question: ProductQuestion) -> Solution:
    """Differentiate, the last time along the direction, simplify and write.

    Raises InputError for a variable that is none and for a direction that has a meaning
    already.
    """
    name = _whole_variable(question.wrt[-1])
    function = typed(question, (name,))
    variable = _variable(name, function)
    function = _with_variable(function, question.direction, variable.shape)
    gradient = function.value.node
    free = [variable.shape] * (len(question.wrt) - 1)
    for _ in free:
        gradient = derivative(gradient, variable.symbol)
    moved = function.variables[question.direction].symbol
    targets = (*(Target(name, shape) for shape in free), Target(name, SCALAR, moved))
    return Solution(
        question,
        function,
        targets,
        push(gradient, {variable.symbol: moved}),
        arrange(function.value.shape, free, question.layout),
    )


def pulled_back(question: Question, cotangent: str) -> Question:
    """The question for the gradient of ⟨cotangent, f⟩, the cotangent times the Jacobian."""
    function = typed(question)
    _variable(_whole_variable(question.wrt[-1]), function)
    function = _with_variable(function, cotangent, function.value.shape)
    program = Program(
        function.program.definitions,
        inner_product(cotangent, function.program.body, function.value.shape),
    )
    variables = function.variables
    return replaced(
        question,
        source=to_text(program),
        shapes={name: written_shape(variable.shape) for name, variable in variables.items()},
        infer=False,
    )


def inner_product(cotangent: str, body: Formula, shape: Shape) -> Formula:
    """``u*f`` for a scalar, else ``sum(u.*f)``."""
    if shape.is_scalar:
        return Mul((Name(cotangent), body), ("*", "*"))
    return Call("sum", (Mul((Name(cotangent), body), ("*", ".*")),))


def _whole_variable(asked: str) -> str:
    name, turned, places = parse_target(asked)
    if turned or places:
        raise InputError(
            say(
                "A product is taken with the derivative by a whole variable, not by '{asked}'.",
                asked=asked,
            ),
            kind="wrt_undeclared",
            hint=say("differentiate by {name}", name=name),
        )
    return name


def _variable(name: str, function: Elaborated) -> Variable:
    if name not in function.variables:
        raise no_such_variable(name, function)
    return function.variables[name]


def _with_variable(function: Elaborated, name: str, shape: Shape) -> Elaborated:
    """The function with one more variable, which does not occur in it."""
    shapes = [variable.shape for variable in function.variables.values()]
    sizes = {each for known in shapes for axis in known.axes for each in axis.names}
    if name in function.variables or name in function.definitions or name in sizes:
        raise UnknownNameError(
            say("'{name}' has a meaning in the expression already.", name=name),
            kind="reserved_name",
            hint=say("choose another name for the vector of the product"),
        )
    declared = declare({name: written_shape(shape)}, {})[name]
    plain = symbol(name, declared.shape.axes)
    variable = Variable(name, declared.shape, frozenset(), False, plain)
    return replaced(function, variables={**function.variables, name: variable})
