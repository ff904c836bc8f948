"""Questions made from the description: none is an error of the server.

``GRADFORM_API_CASES=2000`` says how many are sent.
"""

from __future__ import annotations

import os
from collections import Counter
from copy import deepcopy
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from gradform.web.schema.openapi import description
from tests.golden.rows import ROWS
from tests.web.questions import variables_of
from tests.web.serving import Server

CASES = int(os.environ.get("GRADFORM_API_CASES", "150"))
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
REFUSED_UNREAD = (413, 503)
# What is made from the description alone is rarely a formula.
FORMULAS = {row.data["expr"]: variables_of(row) for row in ROWS[::10]}


def test_no_question_is_an_error_of_the_server(server: Server) -> None:
    schema = schemathesis.openapi.from_dict(deepcopy(description()))
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) == len(description()["paths"])
    formulas = st.sampled_from([None, *FORMULAS])
    strategies = [
        st.tuples(operation.as_strategy(generation_mode=mode), texts)
        for operation in operations
        for mode, texts in (
            (GenerationMode.POSITIVE, formulas),
            (GenerationMode.NEGATIVE, st.none()),  # what is wrong with it stays
        )
    ]
    address = f"http://127.0.0.1:{server.port}"
    statuses: Counter[int] = Counter()

    @settings(
        max_examples=CASES,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(strategies))
    def ask(chosen: tuple[Any, str | None]) -> None:
        case, formula = chosen
        if formula is not None:
            case.body = _with_formula(formula, case.body)
        told = case.call(base_url=address)
        statuses[told.status_code] += 1
        rejects = [] if told.status_code in REFUSED_UNREAD else [checks.negative_data_rejection]
        case.validate_response(told, checks=[*CHECKS, *rejects])

    ask()
    print(dict(statuses))
    assert statuses[503] < CASES / 10
    assert not any(500 <= status != 503 for status in statuses)
    assert statuses[200] > CASES / 20
    assert statuses[400] > CASES / 20


def _with_formula(formula: str, body: Any) -> Any:
    """The body with a formula in place of what was made from the description."""
    if not isinstance(body, dict) or "formula" not in body:
        return body
    declared = {"variables": FORMULAS[formula]} if "variables" in body else {}
    return {**body, "formula": formula, **declared}
