"""Load on the web server: how long people wait, and whether what they get is right.

    python -m benchmarks.web [--people 20] [--hostile 0] [--seconds 30]
    python -m benchmarks.web --requests 10000

People type formulas of the gallery; the page's debounce and its aborted requests are kept.
Every answer is compared with that of the library, byte by byte. ``--requests`` asks so many
different questions as fast as they are answered, and follows the server's memory.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Sequence

from benchmarks.web.client import Asked, Client
from benchmarks.web.hostile import attack
from benchmarks.web.people import gallery, type_formulas
from benchmarks.web.served import Served, memory, served
from gradform.web.workers.worker import outcome

_AT_ONCE = 8


def main() -> int:
    options = _options()
    with served() as server:
        print(f"page after {server.page_seconds:.2f} s, answer after {server.answer_seconds:.2f} s")
        if options.requests:
            answers = asyncio.run(_many(server, options.requests))
        else:
            answers = asyncio.run(_typing(server, options))
    return _report(answers)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.web", description=__doc__)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--hostile", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--requests", type=int, default=0)
    return parser.parse_args()


async def _typing(server: Served, options: argparse.Namespace) -> list[Asked]:
    answers: list[Asked] = []
    statuses: dict[int, int] = {}
    seconds = options.seconds
    await asyncio.gather(
        *(type_formulas(server.port, k, seconds, answers) for k in range(options.people)),
        *(attack(server.port, 1000 + k, seconds, statuses) for k in range(options.hostile)),
    )
    if statuses:
        print(f"hostile clients got {dict(sorted(statuses.items()))}")
    print(f"memory at the end: {memory(server.process) >> 20} MB")
    return answers


async def _many(server: Served, count: int) -> list[Asked]:
    """So many different questions: the gallery's with other names and sizes."""
    answers: list[Asked] = []
    numbers = iter(range(count))
    questions = gallery()

    async def one_client() -> None:
        async with Client(server.port) as client:
            for number in numbers:
                question = questions[number % len(questions)]
                formula = f"{question['formula']} + {number}*0"
                if number % 10 == 0:
                    formula = question["formula"][: number % 37]
                answers.append(await client.ask("derivative", {**question, "formula": formula}))
                if number % 1000 == 0:
                    print(f"{number:6} questions: {memory(server.process) >> 20} MB", flush=True)

    await asyncio.gather(*(one_client() for _ in range(_AT_ONCE)))
    print(f"{count:6} questions: {memory(server.process) >> 20} MB")
    return answers


def _report(answers: Sequence[Asked]) -> int:
    times = sorted(each.seconds for each in answers)
    statuses = Counter(each.status for each in answers)
    print(f"{len(answers)} answers, statuses {dict(sorted(statuses.items()))}")
    for share in (0.5, 0.9, 0.99, 1.0):
        place = min(int(share * len(times)), len(times) - 1)
        print(f"  p{share * 100:g}: {times[place] * 1e3:.0f} ms")
    wrong = [each for each in answers if not _is_right(each)]
    print(f"{len(wrong)} wrong or missing")
    for each in wrong[:10]:
        print("  ", each.status, each.name, each.body[:200], each.content[:200])
    return 1 if wrong else 0


_known: dict[tuple[str, bytes], tuple[int, bytes]] = {}


def _is_right(asked: Asked) -> bool:
    """Whether the library answers the same."""
    key = asked.name, asked.body
    if key not in _known:
        found = outcome(asked.name, asked.body)
        _known[key] = found.status, found.content
    return _known[key] == (asked.status, asked.content)


if __name__ == "__main__":
    raise SystemExit(main())
