"""What a user waits for until a derivative has its first value, beside JAX and PyTorch.

    python -m benchmarks.latency [--runs 5] [--family "logistic regression"] [--without torch]

Every time is that of a new process, which has imported what it needs and taken one other
derivative, so that imports count for nobody; the median of the runs is shown, in milliseconds.

source      from the formula to NumPy source: parse, differentiate, write
numpy       from the formula to the first value on NumPy
native new  from the derivative to the first value: written, compiled by the C compiler, run
native kept the same in a later process: from the cache on disk
jax, torch  from the function to the first value of ``jax.jit`` and of ``torch.compile``

Below the table stands the time to NumPy source of each of the public identities, all in one
process.

On a busy machine ``--cpu`` counts the processor's time instead, of compilers too; not of the
workers of PyTorch, which outlive the call.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.code.__main__ import ONE_CORE

_WARM = "quadratic form, Hessian"
_SHOWN = (
    "Rosenbrock, gradient",
    "robot arm, Jacobian",
    "logistic regression, gradient",
    "logistic regression, Hessian",
    "Gaussian mixture, gradient",
    "multilayer perceptron, gradient",
)
_COLUMNS = ("source", "numpy", "native new", "native kept", "jax", "torch.compile")
_PROCESSOR = "BENCHMARK_PROCESSOR_TIME"
_BARS = {"source": 5.0, "native new": 500.0, "native kept": 5.0}


class Options(NamedTuple):
    """What is measured."""

    runs: int
    families: tuple[str, ...]
    columns: tuple[str, ...]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.latency")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--family", action="append", default=[], help="part of a name")
    parser.add_argument("--without", action="append", default=[], help="part of a column's name")
    parser.add_argument(
        "--cpu", action="store_true", help="time of the processor, not of the clock"
    )
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.child:
        print(json.dumps(_child(*given.child)))
        return 0
    if given.cpu:
        os.environ[_PROCESSOR] = "1"
    families = tuple(
        name for name in _SHOWN if not given.family or any(part in name for part in given.family)
    )
    columns = tuple(
        column for column in _COLUMNS if not any(part in column for part in given.without)
    )
    for line in _table(columns, _measured(Options(given.runs, families, columns))):
        print(line, flush=True)
    if not given.family:
        print(_of_identities())
    return 0


def _of_identities() -> str:
    """From the formulas of the public identities to the source of their derivatives."""
    times = [_time_to_source(row) for row in import_module("tests.golden.rows").ROWS]
    low, middle, high = np.percentile(times, [50, 90, 99])
    share = np.mean(np.array(times) <= _BARS["source"])
    return (
        f"source of {len(times)} identities: median {low:.1f}, 90 % within {middle:.1f}, 99 % "
        f"within {high:.1f}; {share:.0%} within {_BARS['source']:.0f}"
    )


def _time_to_source(row: Any) -> float:
    answer = import_module("tests.golden.rows").answer.__wrapped__
    gc.collect()
    return _timed(lambda: answer(row, check=False).source())


def _table(
    columns: Sequence[str], rows: Iterable[tuple[str, Mapping[str, float]]]
) -> Iterator[str]:
    """A table in Markdown, line by line; the bars in its last line."""
    yield "| milliseconds | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for name, times in rows:
        yield f"| {name} | " + " | ".join(f"{times[column]:.1f}" for column in columns) + " |"
    bars = (f"≤ {_BARS[column]:.0f}" if column in _BARS else "" for column in columns)
    yield "| bar | " + " | ".join(bars) + " |"


# ---------------------------------------------------------------- processes


def _measured(options: Options) -> Iterator[tuple[str, dict[str, float]]]:
    """Medians by column, family by family. Native programs come from caches made for this."""
    with tempfile.TemporaryDirectory() as place:
        compiler = Path(place, "compiler")
        _in_process("native new", _WARM, compiler)
        for family in options.families:
            yield family, _medians(family, options, compiler)


def _medians(family: str, options: Options, compiler: Path) -> dict[str, float]:
    """Each run of ``native new`` starts from a cache that knows the compiler only."""
    times: dict[str, list[float]] = {column: [] for column in options.columns}
    kept = compiler.with_name("kept")
    shutil.copytree(compiler, kept)
    if "native kept" in options.columns:
        _in_process("native kept", family, kept)
    for _ in range(options.runs):
        new = compiler.with_name("new")
        shutil.copytree(compiler, new)
        for column in options.columns:
            cache = new if column == "native new" else kept
            times[column].append(_in_process(column, family, cache))
        shutil.rmtree(new)
    shutil.rmtree(kept)
    return {column: statistics.median(each) for column, each in times.items()}


def _in_process(column: str, family: str, cache: Path) -> float:
    # torch.compile keeps what it has compiled on disk too: its first call is to be a first one.
    with tempfile.TemporaryDirectory() as inductor:
        environment = os.environ | ONE_CORE
        environment |= {"GRADFORM_CACHE": str(cache), "TORCHINDUCTOR_CACHE_DIR": inductor}
        command = [sys.executable, "-m", "benchmarks.latency", "--child", column, family]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{column}, {family}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return float("nan")
    return float(json.loads(done.stdout.splitlines()[-1]))


# ---------------------------------------------------------------- one measurement


def _child(column: str, family: str) -> float:
    """Milliseconds of a column for a family, after the same for another one."""
    families = {each.name: each for each in import_module("benchmarks.code.families").FAMILIES}
    make = _peer(column) if column in ("jax", "torch.compile") else _OURS[column]
    milliseconds = 0.0
    for name in (_WARM, family):
        row = import_module("benchmarks.code.row").Row(families[name], families[name].sizes[0])
        milliseconds = make(row, row.inputs())
    return milliseconds


def _timed(call: Callable[[], Any]) -> float:
    clock = _processor_seconds if os.environ.get(_PROCESSOR) else time.perf_counter
    begin = clock()
    call()
    return (clock() - begin) * 1e3


def _processor_seconds() -> float:
    """Of this process and of the compilers it has run."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _asked(row: Any) -> Any:
    """The derivative; its certificate is not what is timed."""
    gradform, family = import_module("gradform"), row.family
    function = gradform.parse(family.formula, shapes=family.shapes, assume=family.assume)
    wrt = list(family.wrt) if len(family.wrt) > 1 else family.wrt[0]
    return getattr(function, family.quantity)(wrt, check=False)


def _source(row: Any, arrays: dict[str, Any]) -> float:
    return _timed(lambda: import_module("gradform").source(_asked(row)))


def _numpy(row: Any, arrays: dict[str, Any]) -> float:
    compile_ = import_module("gradform").compile
    return _timed(lambda: compile_(_asked(row), backend="numpy")(**arrays))


def _native(row: Any, arrays: dict[str, Any]) -> float:
    gradform, asked = import_module("gradform"), _asked(row)
    gradform.source(asked)  # differentiating is not what is timed here
    return _timed(lambda: gradform.compile(asked, backend="native")(**arrays))


def _peer(name: str) -> Callable[[Any, dict[str, Any]], float]:
    contenders = import_module("benchmarks.code.contenders").CONTENDERS
    (contender,) = (each for each in contenders if each.name == name)
    return lambda row, arrays: _timed(lambda: contender.make(row)())


_OURS: Mapping[str, Callable[[Any, dict[str, Any]], float]] = {
    "source": _source,
    "numpy": _numpy,
    "native new": _native,
    "native kept": _native,
}


if __name__ == "__main__":
    sys.exit(main())
