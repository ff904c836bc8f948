"""Answers as the command prints them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from gradform.cli.colours import Colours
from gradform.derive.answer import Derivative
from gradform.errors import InputError
from gradform.language import Message, joined, phrase, say

__all__ = ["as_json", "derivations", "in_format", "readable"]

Answers = Mapping[str, Derivative]
Fact = tuple[str, str]
"""A label and what it says."""


def in_format(answers: Answers, kind: str) -> str:
    """Every answer in one format; with several, each line says of which variable it is."""
    if kind == "json":
        return as_json(answers)
    if kind in _PICTURES and len(answers) > 1:
        raise InputError(
            say("A picture shows the derivative by one variable."),
            kind="format",
            hint=say("name one of {names}: --wrt", names=", ".join(answers)),
        )
    written = {name: _written(each, kind) for name, each in answers.items()}
    if len(written) == 1:
        return next(iter(written.values()))
    if kind in ("text", "unicode", "latex"):
        return "\n".join(f"{name}: {text}" for name, text in written.items())
    mark = _COMMENTS.get(kind, "#")
    return "\n\n".join(f"{mark} by {name}\n{text}" for name, text in written.items())


def derivations(answers: Answers, kind: str, format_: str) -> str:
    """The steps to every answer, as text, in Unicode, LaTeX or as JSON."""
    found = [answer.explain(kind) for answer in answers.values()]
    match format_:
        case "text":
            return "\n\n".join(each.text() for each in found)
        case "latex":
            return "\n\n".join(each.latex() for each in found)
        case "json":
            return _dumped(found[0].to_dict() if len(found) == 1 else [d.to_dict() for d in found])
        case "unicode" | "all":
            return "\n\n".join(each.unicode() for each in found)
        case _:
            raise InputError(
                say("A derivation is not written as {format}.", format=format_),
                kind="derivation",
                hint=say("formats are {formats}", formats="text, unicode, latex, json"),
            )


_PICTURES = ("svg", "dot")
# What starts a comment where it is not "#".
_COMMENTS = {"c": "//", "matlab": "%"}


def _written(answer: Derivative, kind: str) -> str:
    match kind:
        case "text":
            return answer.text
        case "unicode":
            return answer.unicode
        case "latex":
            return answer.latex
        case "numpy":
            return answer.numpy_source.rstrip("\n")
        case "svg":
            return answer.graph.svg().rstrip("\n")
        case "dot":
            return answer.graph.dot().rstrip("\n")
        case "all":
            return _all(answer)
        case _:
            return answer.source(kind).rstrip("\n")


def _all(answer: Derivative) -> str:
    """Every form of an answer, with its name."""
    facts: list[Fact] = [
        (say("function"), answer.function),
        ("text", answer.text),
        ("unicode", answer.unicode),
        ("latex", answer.latex),
        (say("index notation"), answer.index_notation),
        (say("differential"), answer.differential),
        (say("layout"), answer.layout),
        (say("shape"), _shape(answer.shape)),
        *_facts(answer),
    ]
    if answer.confirmed is not None:
        facts.append((say("certificate"), answer.confirmed.text))
    lines = [say("{label}: {text}", label=label, text=text).told() for label, text in facts]
    return "\n".join([*lines, "numpy:", answer.numpy_source.rstrip("\n")])


def _facts(answer: Derivative) -> list[Fact]:
    """Shapes, conditions and notes, as far as there are any."""
    shapes = answer.shapes.items()
    inferred = answer.inferred
    facts: list[Fact] = [
        (say("variables"), joined(_variable(answer, name, shape) for name, shape in shapes)),
        (say("holds where"), joined(answer.conditions)),
        (say("elsewhere"), _KINK if answer.kinks else ""),
    ]
    if inferred:
        by_letter = say("the shape of {names}, by letter", names=joined(inferred))
        facts.insert(1, (say("inferred"), by_letter))
    facts += [(say("note"), note) for note in answer.notes]
    return [(label, text) for label, text in facts if text]


def _variable(answer: Derivative, name: str, shape: tuple[str | int, ...]) -> Message:
    words = answer.structures.get(name, ())
    described = f"{name} {_shape(shape)}" if shape else say("{name} scalar", name=name)
    return joined([described, *map(phrase, words)], " ")


def _shape(shape: tuple[str | int, ...]) -> str:
    return f"({', '.join(map(str, shape))})"


_KINK = say("there may be subderivatives: gradform subdifferential")


def readable(answers: Answers, colours: Colours) -> str:
    """For a terminal: each formula in Unicode, then what all have in common."""
    first = next(iter(answers.values()))
    lines = [f"f = {first.function}".replace("\n", "; ")]
    lines += [f"{each.quotient} = {colours.strong(each.unicode)}" for each in answers.values()]
    several = len(answers) > 1
    facts = dict.fromkeys(fact for each in answers.values() for fact in _facts(each))
    for each in answers.values():
        if each.confirmed is not None:
            label = say("certificate")
            if several:
                label = say("certificate of {quotient}", quotient=each.quotient)
            facts[label, each.confirmed.text] = None
    lines += [
        f"  {_labelled(colours.faint(say('{label}:', label=label)), text)}" for label, text in facts
    ]
    return "\n".join(lines)


def _labelled(label: str, text: str) -> str:
    return say("{label} {text}", label=label, text=text).told()


def as_json(answers: Answers) -> str:
    """Every field; with several variables an object by variable."""
    fields = {name: each.to_dict() for name, each in answers.items()}
    return _dumped(next(iter(fields.values())) if len(fields) == 1 else fields)


def _dumped(found: object) -> str:
    dumps = import_module("json").dumps  # only this format needs it
    return str(dumps(found, ensure_ascii=False, indent=2))
