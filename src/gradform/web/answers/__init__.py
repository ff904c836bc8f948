"""What the workers answer: one module for each question of the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradform.web.answers.code import code
from gradform.web.answers.derivation import derivation
from gradform.web.answers.derivative import derivative
from gradform.web.answers.evaluate import evaluate
from gradform.web.answers.graph import graph
from gradform.web.answers.plot import plot
from gradform.web.answers.subdifferential import subdifferential
from gradform.web.answers.vocabulary import vocabulary

__all__ = ["ANSWERS"]

ANSWERS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "code": code,
    "derivation": derivation,
    "derivative": derivative,
    "evaluate": evaluate,
    "graph": graph,
    "plot": plot,
    "subdifferential": subdifferential,
    "vocabulary": vocabulary,
}
"""The questions by name: each takes the body of a request that fits its schema."""
