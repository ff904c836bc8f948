"""Strings nobody should type: only gradform's own errors, and none slow.

    python -m benchmarks.fuzz_errors [--count 200000]

Half are made of tokens and odd characters, half are valid formulas mutated. What is read
without an error is also differentiated. Times are processor time.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

import gradform as gf
from gradform.functions import all_functions
from tests.golden.rows import ROWS, error_rows

_SLOWEST_SECONDS = 0.050
_SHAPES = {
    "x": ("n",),
    "y": ("n",),
    "A": ("n", "n"),
    "B": ("m", "n"),
    "a": (),
    "r": (1, "n"),
}
_OPERATORS = [
    "+",
    "-",
    "*",
    "/",
    ".*",
    "./",
    "^",
    ".^",
    "'",
    "(",
    ")",
    ",",
    ";",
    "=",
    ":",
    "[",
    "]",
]
_ODD = [
    *'@#$%&!?|\\~`"{}<>_.·×÷−–’′⊙⊗²³√∑∂Αλ（），；\u200b\ufeff\n\t\r\x00🙂٣',
    *["**", "==", "...", "1e", "1e999", "0x1f", ".T", "d/dx", "__import__", "1..2", "--", "''"],
]
_NUMBERS = ["0", "1", "2", "10", "0.5", ".5", "1e-3", "3.", "1e400", "99999999999"]


@dataclass
class Report:
    """What came of the strings."""

    outcomes: Counter[str] = field(default_factory=Counter)
    foreign: list[tuple[str, str]] = field(default_factory=list)
    slow: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    slowest: dict[str, tuple[float, str]] = field(default_factory=dict)

    def timed(self, what: str, seconds: float, text: str) -> None:
        """Note the slowest text of each step, and every one over the limit."""
        if seconds > self.slowest.get(what, (0.0, ""))[0]:
            self.slowest[what] = (seconds, text)
        if seconds > _SLOWEST_SECONDS:
            self.slow.setdefault(what, []).append((seconds, text))


def tokens() -> list[str]:
    names = [record.name for record in all_functions()]
    return [*_SHAPES, *_OPERATORS * 4, *_NUMBERS, *names, "n", "m", "pi", "eye", "w", "Sigma", " "]


def random_string(random: Random, words: Sequence[str]) -> str:
    length = random.choice([1, 2, 3, 5, 8, 13, 21, 60])
    odd = random.choice([0.0, 0.0, 0.1, 0.5])
    return "".join(
        random.choice(_ODD) if random.random() < odd else random.choice(words)
        for _ in range(length)
    )


def mutated(random: Random, text: str, words: Sequence[str]) -> str:
    """A valid formula after one small accident or a few."""
    for _ in range(random.choice([1, 1, 1, 2, 4])):
        k, j = sorted(random.randint(0, len(text)) for _ in range(2))
        j = min(j, k + random.choice([1, 2, 10]))
        word = random.choice([*words, *_ODD])
        text = random.choice(
            [
                text[:k] + text[j:],
                text[:k] + word + text[k:],
                text[:k] + word + text[j:],
                text[:j] + text[k:],
                text[:k] + text[k:j][::-1] + text[j:],
                text[k:] + text[:k],
            ]
        )
    return text


def attempt(text: str, report: Report) -> None:
    """Read the text; differentiate it when it is a formula."""
    step, outcome = "refused when read", "answered"
    begin = time.process_time()
    try:
        read = gf.parse(text, shapes=_SHAPES, infer=True)
        report.timed("read", time.process_time() - begin, text)
        step = "answered or refused when differentiated"
        begin = time.process_time()
        if read.variables:
            gf.derivative(text, read.variables[0], shapes=_SHAPES, infer=True, check=False)
    except gf.GradformError as error:
        _ = str(error)
        outcome = error.kind
    except Exception as error:  # an error that is not ours is what is looked for
        outcome = type(error).__name__
        report.foreign.append((text, repr(error)[:200]))
    report.timed(step, time.process_time() - begin, text)
    report.outcomes[outcome] += 1


def run(count: int, seed: int, progress: Callable[[Report], None] | None = None) -> Report:
    random = Random(seed)
    words = tokens()
    valid = [row.data["expr"] for row in ROWS]
    valid += [row.source for row in error_rows() if len(row.source) < 200]
    report = Report()
    for k in range(count):
        fresh = random.random() < 0.5
        text = (
            random_string(random, words) if fresh else mutated(random, random.choice(valid), words)
        )
        attempt(text, report)
        if progress is not None and k % 10_000 == 9_999:
            progress(report)
    return report


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.fuzz_errors")
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    report = run(
        options.count, options.seed, lambda r: print(sum(r.outcomes.values()), file=sys.stderr)
    )
    for outcome, count in report.outcomes.most_common():
        print(f"{count:8d}  {outcome}")
    for step, (seconds, text) in report.slowest.items():
        print(f"slowest {step}: {seconds * 1e3:.1f} ms  {text[:200]!r}")
    for step, found in report.slow.items():
        print(f"{len(found)} × {step}, over {_SLOWEST_SECONDS * 1e3:.0f} ms:")
        for seconds, text in sorted(found, reverse=True)[:10]:
            print(f"   {seconds * 1e3:.0f} ms  {text[:200]!r}")
    print(f"{len(report.foreign)} errors that are not gradform's")
    for text, error in report.foreign[:20]:
        print(f"   {text!r}: {error}")
    return int(bool(report.foreign or report.slow))


if __name__ == "__main__":
    sys.exit(main())
