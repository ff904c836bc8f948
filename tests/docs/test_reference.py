"""The generated pages: complete, and right where they can be asked again."""

from __future__ import annotations

import re

import pytest

import gradform as gf
from docs.extension.errors import errors_page, raised
from docs.extension.functions import families, family_page, overview
from docs.extension.rules import laws_of, rules_page, statements
from docs.extension.samples import sample_calls
from gradform.functions import Function, all_functions
from gradform.rewrite import EQUATIONS
from tests.golden.rows import error_rows

PAGES = {family: family_page(family) for family in families()}
each_record = pytest.mark.parametrize("record", all_functions(), ids=lambda record: record.name)


def section(record: Function) -> str:
    """What the pages say of a function."""
    name = re.escape(record.name)
    found = re.findall(rf"^## {name}\n\n(.*?)\n\n(?=\(|\Z)", "\n".join(PAGES.values()) + "\n", re.M | re.S)
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
def test_derivatives_are_those_of_the_function(record: Function) -> None:
    """Each one that a section shows is asked once more, by the call and the name shown."""
    shown = re.findall(r"\| `([^`]*)` by `(\w)` \| (.*) \|$", section(record), re.M)
    samples = {sample.call: sample for sample in sample_calls(record)}
    for call, name, answer in shown:
        sample = samples[call]
        d = gf.derivative(call, name, shapes=sample.shapes, assume=sample.assume)
        assert d.certificate
        assert d.latex in answer or answer == f"`{d.differential}`"


@each_record
def test_conditions_are_stated(record: Function) -> None:
    if not record.sized and any(sample.shapes for sample in sample_calls(record)):
        answers = [d for sample in sample_calls(record) for _, d in sample.derivatives()]
        assert ("\n| where |" in section(record)) == any(d.conditions for d in answers)


@pytest.mark.parametrize("rule", EQUATIONS, ids=lambda rule: rule.name)
def test_every_named_equation_is_listed(rule: gf.rewrite.Equation) -> None:
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
    kinds = {each.kind for each in raised()}
    wanted = set().union(*(row.kinds for row in error_rows())) - {"ok", "normalise"}
    assert wanted - kinds <= set()
    assert all(f"### {kind}\n" in errors_page() for kind in kinds)
