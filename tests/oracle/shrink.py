"""From a question that goes wrong to the smallest one that goes wrong in the same way."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from gradform.errors import GradformError
from gradform.formula.tree import (
    Add,
    Call,
    Compare,
    Definition,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Program,
    Slice,
    Stack,
    Transpose,
    children,
    fold,
)
from gradform.functions import Shape
from gradform.syntax.declare import declare, structures_of
from gradform.syntax.scope import Scope
from gradform.syntax.shapes_of import ShapesOf
from tests.oracle.check import Verdict, check, target_name
from tests.oracle.generate import Declared, Question, used_names

__all__ = ["shrink"]

_SECONDS = 60.0


def shrink(question: Question, verdict: Verdict) -> tuple[Question, Verdict]:
    """Greedy: the first simpler question with the same status and kind, again and again."""
    end = time.monotonic() + _SECONDS
    question = _tidied(question)
    found = True
    while found:
        found = False
        for simpler in _simpler(question):
            if time.monotonic() > end:
                return question, verdict
            outcome = check(simpler)
            if (outcome.status, outcome.kind) == (verdict.status, verdict.kind):
                question, verdict, found = simpler, outcome, True
                break
    return question, verdict


def _simpler(question: Question) -> Iterator[Question]:
    """Questions one step simpler, the largest steps first."""
    yield from _simpler_settings(question)
    shapes = _shapes(question)
    yield from _parts_as_body(question, shapes)
    yield from _without_definitions(question)
    yield from _smaller_parts(question, shapes)
    yield from _plain_variables(question)


def _shapes(question: Question) -> dict[int, Shape]:
    """The shape of every part, by ``id``; none when they do not fit."""
    structures = structures_of(question.assumed)
    scope = Scope(question.program, declare(question.declared, structures), structures, False)
    found = ShapesOf(scope)
    try:
        found.program(question.program)
    except GradformError:
        return {}
    return {key: found.sizes.shape(shape) for key, shape in found.shapes.items()}


def _simpler_settings(question: Question) -> Iterator[Question]:
    if len(question.wrt) > 1:
        yield replace(question, wrt=question.wrt[:1])
        if len(set(question.wrt)) > 1:
            yield replace(question, wrt=question.wrt[:1] * 2)
    plain = tuple(target_name(text) for text in question.wrt)
    if plain != question.wrt:
        yield replace(question, wrt=plain)
    if question.layout != "ml":
        yield replace(question, layout="ml")


def _parts_as_body(question: Question, shapes: Mapping[int, Shape]) -> Iterator[Question]:
    """Each part of the formula or of a definition as the whole formula."""
    values = [question.program.body, *(d.value for d in question.program.definitions)]
    for value in values:
        for part in _parts(value):
            if part is not question.program.body and id(part) in shapes:
                yield _with_body(question, part, shapes[id(part)])


def _with_body(question: Question, body: Formula, shape: Shape) -> Question:
    program = Program(question.program.definitions, body)
    return _tidied(replace(question, program=program, shape=shape))


def _tidied(question: Question) -> Question:
    """Without the definitions and variables that nothing needs."""
    names = used_names(question.program)
    definitions = tuple(d for d in question.program.definitions if d.name in names)
    program = Program(definitions, question.program.body)
    names |= {target_name(text) for text in question.wrt}
    sizes = {name for name in names if name not in question.variables}
    variables = {
        name: each
        for name, each in question.variables.items()
        if name in names or {str(size) for size in each.shape} & sizes
    }
    return replace(question, program=program, variables=variables)


def _without_definitions(question: Question) -> Iterator[Question]:
    """Each definition put in where it is used."""
    for k, definition in enumerate(question.program.definitions):
        rest = (*question.program.definitions[:k], *question.program.definitions[k + 1 :])
        names = {
            id(part): definition.value
            for value in (*(d.value for d in rest), question.program.body)
            for part in _parts(value)
            if isinstance(part, Name) and part.name == definition.name
        }
        inlined = _replaced(replace(question, program=Program(rest, question.program.body)), names)
        if definition.name not in used_names(inlined.program):
            yield _tidied(inlined)


def _smaller_parts(question: Question, shapes: Mapping[int, Shape]) -> Iterator[Question]:
    """Each part replaced by a part of itself, or by a variable or number."""
    values = [question.program.body, *(d.value for d in question.program.definitions)]
    for value in values:
        for part in _parts(value):
            shape = shapes.get(id(part))
            if shape is None or not children(part):
                continue
            for below in _parts(part):
                if below is not part and shapes.get(id(below)) == shape:
                    yield _tidied(_replaced(question, {id(part): below}))
            for name, each in question.variables.items():
                if each.shape == shape:
                    yield _tidied(_replaced(question, {id(part): Name(name)}))
            yield _with_new_variable(question, part, shape)


def _with_new_variable(question: Question, part: Formula, shape: Shape) -> Question:
    if shape.is_scalar:
        return _tidied(_replaced(question, {id(part): Number(Fraction(2))}))
    name = f"w{len(question.variables)}"
    while name in question.variables:
        name += "w"
    variables = {**question.variables, name: Declared(shape)}
    return _tidied(_replaced(replace(question, variables=variables), {id(part): Name(name)}))


def _plain_variables(question: Question) -> Iterator[Question]:
    for name, each in question.variables.items():
        if each.structure:
            variables = {**question.variables, name: Declared(each.shape)}
            yield replace(question, variables=variables)


def _parts(formula: Formula) -> list[Formula]:
    """All parts, the formula itself last; those that are indices or sizes too."""
    found: dict[int, Formula] = {}

    def visit(node: Formula, below: list[None]) -> None:
        found[id(node)] = node

    fold(formula, visit)
    return list(found.values())


def _replaced(question: Question, new: Mapping[int, Formula]) -> Question:
    """The question with parts exchanged, by ``id``."""
    sized = dict(question.sized)

    def visit(node: Formula, below: list[Formula]) -> Formula:
        if id(node) in new:
            return new[id(node)]
        if all(a is b for a, b in zip(children(node), below, strict=True)):
            return node
        made = _with_children(node, below)
        if id(node) in sized:
            sized[id(made)] = sized[id(node)]
        return made

    program = question.program
    definitions = tuple(
        Definition(each.name, fold(each.value, visit)) for each in program.definitions
    )
    return replace(question, program=Program(definitions, fold(program.body, visit)), sized=sized)


def _with_children(node: Formula, below: list[Formula]) -> Formula:
    match node:
        case Call():
            return Call(node.name, tuple(below))
        case Compare():
            return Compare(node.operator, below[0], below[1])
        case Neg():
            return Neg(below[0])
        case Transpose():
            return Transpose(below[0])
        case Add():
            return Add(tuple(below), node.signs)
        case Mul():
            return Mul(tuple(below), node.ops)
        case Power():
            return Power(below[0], below[1], node.elementwise)
        case Stack():
            blocks = iter(below)
            return Stack(tuple(tuple(next(blocks) for _ in row) for row in node.rows))
        case Slice():
            return Slice(below[0], below[1])
    raise AssertionError(node)
