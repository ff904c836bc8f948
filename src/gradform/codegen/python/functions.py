"""Applications of function records, by their templates or the helpers they bring."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cache

from gradform.codegen.program.operations import Call, Each, Gram, Matmul, Solve
from gradform.codegen.program.straight_line import Instruction
from gradform.codegen.python.dialect import Dialect
from gradform.codegen.text.arithmetic import signed
from gradform.codegen.text.pieces import Precedence, Text, atom, bracketed, call_text
from gradform.errors import CannotError
from gradform.functions.record import Function
from gradform.language import say

__all__ = [
    "applied",
    "derivative",
    "filled",
    "helper_name",
    "mapping",
    "needs_names",
    "ufunc_template",
]

_ARGUMENT = re.compile(r"\{(\d+)\}")
# With the sign that alone stands before it in brackets.
_SIGNED_ARGUMENT = re.compile(r"((?<=\()-)?\{(\d+)\}")
_DEFINITION = re.compile(r"^def (\w+)\(", re.MULTILINE)


def needs_names(dialect: Dialect, instruction: Instruction) -> bool:
    """Whether an argument occurs more than once in the text, so that it must be a name."""
    template: str | None = None
    match instruction.operation:
        case Each(Call(function)) if dialect.stacked_template(function) is not None:
            template = dialect.stacked_template(function)
        case Gram():
            return len(instruction.arguments) == 1
        case Each(Matmul() | Solve()):
            return False
        case Each():
            return True  # they stand inside a function
        case Call(function):
            template = dialect.template(function)
    places = _ARGUMENT.findall(template or "")
    return len(set(places)) < len(places)


def helper_name(dialect: Dialect, function: Function) -> str:
    """The name of the Python function that a record brings along."""
    source = dialect.helper(function)
    if source is None:
        raise CannotError(
            say(
                "'{name}' has no {title} form, so no code can be generated for it.",
                name=function.name,
                title=dialect.title,
            ),
            kind=f"no_{dialect.language}",
        )
    found = _DEFINITION.search(source)
    assert found is not None, f"the helper of {function.name} defines a function"
    return found.group(1)


def applied(dialect: Dialect, function: Function, arguments: Sequence[Text]) -> Text:
    template = dialect.template(function)
    if template is None:
        return call_text(helper_name(dialect, function), *(text.code for text in arguments))
    return filled(template, arguments)


def filled(template: str, arguments: Sequence[Text]) -> Text:
    """A template with the arguments put in."""

    def put(found: re.Match[str]) -> str:
        before = template[: found.start()].rstrip()[-1:]
        after = template[found.end() :].lstrip()[:1]
        text = arguments[int(found.group(2))]
        enclosed = before in ("(", ",", "") and after in (")", ",", "")
        if found.group(1):
            flipped, positive = signed(text)
            if flipped and enclosed:
                return positive.code
            return f"-{bracketed(text, Precedence.ATOM)}"
        return text.code if enclosed else bracketed(text, Precedence.ATOM)

    return Text(_SIGNED_ARGUMENT.sub(put, template), _template_precedence(template))


def mapping(dialect: Dialect, function: Function, arguments: Sequence[Text]) -> str:
    """A linear map as a function of the matrix that it maps."""
    if not arguments and dialect.template(function) is None:
        return helper_name(dialect, function)
    return f"lambda unit: {applied(dialect, function, [*arguments, atom('unit')]).code}"


@cache
def _template_precedence(template: str) -> Precedence:
    body = ast.parse(_ARGUMENT.sub(r"_\1", template), mode="eval").body
    match body:
        case ast.Call() | ast.Attribute() | ast.Subscript() | ast.Name() | ast.Constant():
            return Precedence.ATOM
        case ast.BinOp(op=ast.Pow()):
            return Precedence.POWER
        case ast.UnaryOp(op=ast.USub()):
            return Precedence.SIGN
        case ast.BinOp(op=ast.Mult() | ast.Div()):
            return Precedence.PRODUCT
        case ast.BinOp(op=ast.MatMult()):
            return Precedence.MATMUL
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return Precedence.SUM
        case _:
            return Precedence.LOOSE


def derivative(
    dialect: Dialect, function: Function, left_open: int, arguments: Sequence[Text]
) -> Text:
    template = dialect.template(function)
    if template is None:
        name = helper_name(dialect, function)
    elif template.endswith("({0})") and "{" not in template[:-5]:
        name = template[:-5]
    else:
        name = f"lambda matrix: {_ARGUMENT.sub('matrix', template)}"
    matrix, *directions = (text.code for text in arguments)
    if left_open:
        return call_text("_frechet_tensor", name, matrix, str(left_open), *directions)
    return call_text("_frechet", name, matrix, *directions)


# Functions of entries that take the array for the result as a further argument.
_UFUNC = re.compile(
    r"(np\.(abs|arccos|arccosh|arcsin|arcsinh|arctan|arctanh|cos|cosh|exp|expm1|float_power|floor"
    r"|heaviside|log|log1p|logaddexp|maximum|minimum|sign|sin|sinh|sqrt|tan|tanh)"
    r"|special\.(digamma|erf|erfc|expit|gammaln))\([^()]*\)"
)


def ufunc_template(template: str) -> str | None:
    """The template up to its closing bracket, where the function can write into an array."""
    return template[:-1] if _UFUNC.fullmatch(template) else None
