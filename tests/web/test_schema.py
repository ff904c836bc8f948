"""The schemas: our check agrees with others' and the description is one."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradform.language import languages
from gradform.web.answers import ANSWERS
from gradform.web.schema.endpoints import ENDPOINTS
from gradform.web.schema.openapi import description
from gradform.web.schema.validation import Schema, misfit

_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 1_000_002),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["x", "n", "", "ml", "zh", "numpy", "chain", "matrix", "2*n-1", "n" * 51]),
)
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["shape", "kind", "x", "structures", "m"]), inner),
    ),
    max_leaves=6,
)


@st.composite
def bodies(draw: st.DrawFn, schema: Schema) -> Any:
    """Values near the schema: its fields, with values that may fit or not."""
    names = [*schema["properties"], "more"]
    chosen = draw(st.lists(st.sampled_from(names), unique=True, max_size=5))
    body = {name: draw(_values) for name in chosen}
    return {"formula": "x", **body} if draw(st.booleans()) else body


@pytest.mark.parametrize("name", ENDPOINTS)
def test_fitting_is_what_json_schema_says(name: str) -> None:
    schema = ENDPOINTS[name].body
    known = jsonschema.Draft202012Validator(schema)

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(bodies(schema))
    def agrees(body: Any) -> None:
        assert (misfit(body, schema) is None) == known.is_valid(body)

    agrees()


@pytest.mark.parametrize("name", ENDPOINTS)
def test_examples_fit(name: str) -> None:
    endpoint = ENDPOINTS[name]
    assert misfit(endpoint.example, endpoint.body) is None
    assert misfit(ANSWERS[name](endpoint.example), endpoint.answer) is None


def test_every_question_is_answered_and_described() -> None:
    assert {*ENDPOINTS, "vocabulary"} == {*ANSWERS}
    paths = description()["paths"]
    assert {f"/api/v1/{name}" for name in ENDPOINTS} <= {*paths}


def test_the_description_is_json_without_dangling_references() -> None:
    found = json.loads(json.dumps(description()))

    def check(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                node = found
                for part in value["$ref"].removeprefix("#/").split("/"):
                    node = node[part]
            for part in value.values():
                check(part)
        elif isinstance(value, list):
            for part in value:
                check(part)

    check(found)


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({}, ""),
        ({"formula": 1}, "/formula"),
        ({"formula": "x", "a/b~": 1}, ""),
        ({"formula": "x", "variables": {"a/b~": {"shape": 1}}}, "/variables/a~1b~0/shape"),
        ({"formula": "x", "variables": {"x": {"shape": ["n", 0]}}}, "/variables/x/shape/1"),
    ],
)
def test_the_place_is_told(value: Any, pointer: str) -> None:
    found = misfit(value, ENDPOINTS["derivative"].body)
    assert found is not None
    assert found.pointer == pointer
    for language in languages():
        assert "{" not in found.message.told(language)
