"""The proof, told part by part."""

from __future__ import annotations

from gradform.formula.tree import Formula
from gradform.language import Message, phrase, say
from gradform.nonsmooth.space.curvature.parts import Parts
from gradform.nonsmooth.space.facts import Fact
from gradform.notation.text import to_text

__all__ = ["lines_of"]


def lines_of(roots: list[Formula], parts: Parts) -> list[Message]:
    """One line for each part that is not affine, its own parts before it."""
    lines: dict[Message, None] = {}
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        node, ready = stack.pop()
        fact = parts.facts.get(id(node))
        if fact is None or fact.is_affine:
            continue
        if not ready:
            stack.append((node, True))
            stack.extend((part, False) for part in reversed(parts.reader.parts(node)))
            continue
        lines[_line(node, fact)] = None
    return list(lines)


def _line(node: Formula, fact: Fact) -> Message:
    part = to_text(node)
    if not fact.is_known:
        return say("{part}: not settled", part=part)
    label = phrase("convex" if fact.convex else "concave")
    if fact.rule is None:
        return say("{part}: {label}", part=part, label=label)
    return say("{part}: {label}, {rule}", part=part, label=label, rule=fact.rule)
