"""The generated pages: complete, and right where they can be asked again."""

from __future__ import annotations

import re
from functools import cache

import pytest

import gradform as gf
from docs.extension.errors import errors_page, raised
from docs.extension.functions import families, family_page, overview
from docs.extension.rules import laws_of, rules_page, statements
from docs.extension.samples import sample_calls
from gradform.functions import Function, all_functions
from gradform.rewrite import EQUATIONS
from gradform.rewrite.equations import Equation
from tests.golden.rows import error_rows

each_record = pytest.mark.parametrize("record", all_functions(), ids=lambda record: record.name)


@cache
def text_of_all() -> str:
    return "\n".join(map(family_page, families())) + "\n"


def section(record: Function) -> str:
    """What the pages say of a function."""
    pattern = rf"^## {re.escape(record.name)}\n\n(.*?)\n\n(?=\(|\Z)"
    found = re.findall(pattern, text_of_all(), re.M | re.S)
    assert len(found) == 1
    return str(found[0])


@each_record
def test_every_function_has_a_section_with_its_facts(record: Function) -> None:
    text = section(record)
    assert all(f"`{alias}`" in text for alias in record.aliases)
    assert ("| value |" in text) == bool(record.sign or record.parity)
    assert ("| kink |" in text) == bool(record.kinks)
    assert record.sized or record.no_derivative or not _has_variables(record) or " by `" in text
    assert f"(function-{record.name})" in overview()


def _has_variables(record: Function) -> bool:
    return any(sample.shapes for sample in sample_calls(record))


@each_record
def test_derivatives_and_conditions_are_those_of_the_function(record: Function) -> None:
    """Each one that a section shows is asked once more, by the call and the name shown."""
    text = section(record)
    samples = {sample.call: sample for sample in sample_calls(record)}
    conditions: set[str] = set()
    for call, name, answer in re.findall(r"\| `([^`]*)` by `(\w)` \| (.*) \|$", text, re.M):
        sample = samples[call]
        d = gf.derivative(call, name, shapes=sample.shapes, assume=sample.assume)
        assert d.certificate
        assert d.latex in answer or answer == f"`{d.differential}`"
        conditions.update(map(str, d.conditions))
    (where,) = re.findall(r"^\| where \| (.*) \|$", text, re.M) or [""]
    assert {re.sub(r"[`\\]", "", each) for each in where.split("; ")} - {""} == conditions


@pytest.mark.parametrize("rule", EQUATIONS, ids=lambda rule: rule.name)
def test_every_named_equation_is_listed(rule: Equation) -> None:
    assert f"| `{rule.name}` |" in rules_page()


def test_laws_are_found_through_what_makes_or_calls_them() -> None:
    found = {record.name: laws_of(record) for record in all_functions()}
    assert found["relu"][1] == "relu(x)·x = relu(x)²"
    assert found["exp"] == [
        "exp(t + p·log s) = exp(t)·s^p, for rational p.",
        "exp(u)·sigmoid(-u) = sigmoid(u)",
    ]
    assert any("X = U S V'" in text or "V'V = I" in text for text in found["eigvecs"])
    assert statements(print) == []


def test_kinds_that_the_golden_data_has_are_listed() -> None:
    kinds = set(re.findall(r"^### (\w+)$", errors_page(), re.M))
    assert kinds == {each.kind for each in raised()}
    assert set().union(*(row.kinds for row in error_rows())) - {"ok", "normalise"} <= kinds
