"""The comparison from the command line; each row runs in a process of its own."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.code.contenders import contenders_for
from benchmarks.code.families import rows
from benchmarks.code.measure import measured
from benchmarks.code.report import write_plot, write_table

_RESULTS = Path("benchmarks/results/code.json")
_TABLE = Path("docs/benchmarks.md")
_PLOT = Path("docs/benchmarks.svg")

# One core for everybody: what is compared is the work, not who has more threads.
ONE_CORE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.code", description=__doc__)
    parser.add_argument("--family", action="append", default=[], help="part of a name")
    parser.add_argument("--without", action="append", default=[], help="a contender")
    parser.add_argument("--core", type=int, default=0, help="the core that all run on")
    parser.add_argument("--no-files", action="store_true", help="print the table only")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where numbers are kept")
    parser.add_argument("--merge", type=Path, nargs="+", help="make the page of kept numbers")
    parser.add_argument("--one-row", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one_row is not None:
        return _one_row(options)
    results = _merged(options.merge) if options.merge else []
    options.results.parent.mkdir(exist_ok=True)
    for k in range(0 if options.merge else _count(options.family)):
        results.append(_in_own_process(options, k))
        options.results.write_text(json.dumps(results, indent=1) + "\n")
    print(write_table(results))
    options.results.write_text(json.dumps(results, indent=1) + "\n")
    if not options.no_files:
        _TABLE.write_text(write_table(results, page=True))
        write_plot(results, _PLOT)
    return 0


def _merged(files: list[Path]) -> list[Any]:
    """Rows of several runs, in the order of the families."""

    found = {row["row"]: row for file in files for row in json.loads(file.read_text())}
    return [found[row.title] for row in rows() if row.title in found]


def _count(families: list[str]) -> int:
    return len(rows(tuple(families)))


def _in_own_process(options: argparse.Namespace, k: int) -> Any:
    command = [sys.executable, "-m", "benchmarks.code", "--one-row", str(k)]
    command += ["--core", str(options.core)]
    for family in options.family:
        command += ["--family", family]
    for name in options.without:
        command += ["--without", name]
    done = subprocess.run(
        command, env={**os.environ, **ONE_CORE}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise SystemExit(f"row {k} failed")
    result = json.loads(done.stdout.splitlines()[-1])
    print(result["row"], _brief(result["found"]), file=sys.stderr, flush=True)
    return result


def _brief(found: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {each['seconds'] * 1e6:.1f}" if "seconds" in each else f"{name} failed"
        for name, each in found.items()
    )


def _one_row(options: argparse.Namespace) -> int:

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {options.core})
    row = rows(tuple(options.family))[options.one_row]
    print(json.dumps(measured(row, contenders_for(row, options.without))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
