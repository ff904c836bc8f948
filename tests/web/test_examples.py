"""Every example of the gallery has a certified answer and the formula that is shown of it."""

from __future__ import annotations

from typing import Any

import pytest

from gradform.web.answers.subdifferential import subdifferential
from tests.web.examples import answer_to, body_of, examples, topics

EXAMPLES = list(examples())
TOPICS = [
    "Linear models",
    "Logistic regression",
    "Softmax",
    "Networks",
    "Gaussian",
    "Matrix factorisation",
    "Norms and traces",
    "Kinks",
    "Differentiation in machine learning",
]


def test_the_topics() -> None:
    assert [topic["name"]["en"] for topic in topics()] == TOPICS


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each["name"]["en"])
def test_examples_are_answered_as_shown(example: dict[str, Any]) -> None:
    found = answer_to(example)
    assert found.certificate
    # Where this differs: python -m tests.web.examples
    assert found.function_latex == example["latex"]
    assert all(example["name"][language] for language in ("en", "zh"))


@pytest.mark.parametrize(
    "example", [each for each in EXAMPLES if "at" in each], ids=lambda each: each["name"]["en"]
)
def test_points_of_examples_have_exact_subdifferentials(example: dict[str, Any]) -> None:
    at = example["at"]
    point = [float(part) for part in at.strip("[]").split(",")] if "[" in at else at
    asked = {"formula": example["formula"], "wrt": example["wrt"], "at": point}
    assert body_of(example)["formula"] == asked["formula"]
    assert subdifferential(asked)["status"] == "EXACT"
