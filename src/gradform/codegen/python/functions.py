"""Applications of function records, by their templates or the helpers they bring."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cache

from gradform.codegen.program.operations import Call
from gradform.codegen.program.straight_line import Instruction
from gradform.codegen.text.pieces import Precedence, Text, atom, bracketed, call_text
from gradform.errors import CannotError
from gradform.functions.record import Function

__all__ = ["applied", "derivative", "helper_name", "mapping", "needs_names"]

_ARGUMENT = re.compile(r"\{(\d+)\}")


def needs_names(instruction: Instruction) -> bool:
    """Whether an argument occurs more than once in the text, so that it must be a name."""
    operation = instruction.operation
    if not isinstance(operation, Call) or "numpy" not in operation.function.spell:
        return False
    places = _ARGUMENT.findall(operation.function.spell["numpy"])
    return len(set(places)) < len(places)


def helper_name(function: Function) -> str:
    """The name of the Python function that a record brings along."""
    if "numpy" not in function.helpers:
        raise CannotError(
            f"'{function.name}' has no NumPy form, so no code can be generated for it.",
            kind="no_numpy",
        )
    found = re.search(r"^def (\w+)\(", function.helpers["numpy"], re.MULTILINE)
    assert found is not None, f"the helper of {function.name} defines a function"
    return found.group(1)


def applied(function: Function, arguments: Sequence[Text]) -> Text:
    template = function.spell.get("numpy")
    if template is None:
        return call_text(helper_name(function), *(text.code for text in arguments))

    def put(found: re.Match[str]) -> str:
        before = template[: found.start()].rstrip()[-1:]
        after = template[found.end() :].lstrip()[:1]
        text = arguments[int(found.group(1))]
        enclosed = before in ("(", ",", "") and after in (")", ",", "")
        return text.code if enclosed else bracketed(text, Precedence.ATOM)

    return Text(_ARGUMENT.sub(put, template), _template_precedence(template))


def mapping(function: Function, arguments: Sequence[Text]) -> str:
    """A linear map as a function of the matrix that it maps."""
    if not arguments and "numpy" not in function.spell:
        return helper_name(function)
    return f"lambda unit: {applied(function, [*arguments, atom('unit')]).code}"


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


def derivative(function: Function, left_open: int, arguments: Sequence[Text]) -> Text:
    template = function.spell.get("numpy")
    if template is None:
        name = helper_name(function)
    elif template.endswith("({0})") and "{" not in template[:-5]:
        name = template[:-5]
    else:
        name = f"lambda matrix: {_ARGUMENT.sub('matrix', template)}"
    matrix, *directions = (text.code for text in arguments)
    if left_open:
        return call_text("_frechet_tensor", name, matrix, str(left_open), *directions)
    return call_text("_frechet", name, matrix, *directions)
