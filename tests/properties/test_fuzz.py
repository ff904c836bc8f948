"""Strings nobody should type: only gradform's own errors. The benchmark tries 200,000."""

from __future__ import annotations

from benchmarks.fuzz_errors import run

COUNT = 6_000


def test_only_own_errors_and_none_slow() -> None:
    report = run(COUNT, seed=11)
    assert report.foreign == []
    assert report.slow.get("refused when read", []) == []
    assert sum(report.outcomes.values()) == COUNT
    assert report.outcomes["answered"] > COUNT / 50
    assert len(report.outcomes) > 8
