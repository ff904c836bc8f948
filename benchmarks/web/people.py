"""People who type formulas of the gallery, key by key, and look at the answer."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from benchmarks.web.client import Asked, Client

__all__ = ["gallery", "type_formulas"]

_DEBOUNCE = 0.15
_KEYS = (0.08, 0.35)  # seconds between two keys
_LOOKING = (1.0, 3.0)  # seconds over a finished formula
_FIELDS = ("formula", "wrt", "order", "layout", "variables")
_TARGETS = ("numpy", "latex", "jax", "torch", "julia", "matlab", "c")


def gallery() -> list[dict[str, Any]]:
    """The questions of the page's examples."""
    found = json.loads((files("gradform.web") / "page" / "examples.json").read_text("utf-8"))
    return list(_questions(found))


def _questions(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for topic in found["topics"]:
        for example in topic["examples"]:
            yield {name: example[name] for name in _FIELDS if name in example}


async def type_formulas(port: int, seed: int, seconds: float, answers: list[Asked]) -> None:
    """Type one formula after the other, and note every answer that was waited for."""
    chance = random.Random(seed)
    questions = gallery()
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    async with Client(port) as client:
        await asyncio.sleep(chance.uniform(0, 1))
        while loop.time() < end:
            await _typed(client, chance.choice(questions), chance, answers)


async def _typed(
    client: Client, question: dict[str, Any], chance: random.Random, answers: list[Asked]
) -> None:
    """The formula key by key: a key while an answer is awaited makes it stale."""
    formula = question["formula"]
    asking: asyncio.Task[None] | None = None
    for length in range(1, len(formula) + 1):
        if asking is not None:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        prefix = {"formula": formula[:length], "language": chance.choice(("en", "zh"))}
        asking = asyncio.create_task(_asked(client, prefix, chance, answers))
        await asyncio.sleep(chance.uniform(*_KEYS))
    if asking is not None:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    await _asked(client, question, chance, answers)
    await asyncio.sleep(chance.uniform(*_LOOKING))


async def _asked(
    client: Client, question: dict[str, Any], chance: random.Random, answers: list[Asked]
) -> None:
    """As the page asks: for the derivative, and then for what stands in the open pane."""
    await asyncio.sleep(_DEBOUNCE)
    found = await client.ask("derivative", question)
    answers.append(found)
    if found.status == 200:
        name, more = _pane(chance)
        answers.append(await client.ask(name, {**question, **more}))


def _pane(chance: random.Random) -> tuple[str, dict[str, Any]]:
    """A pane that is open: what it asks, and what more it takes."""
    name = chance.choice(("derivation", "graph", "code", "code"))
    return name, {"target": chance.choice(_TARGETS)} if name == "code" else {}
