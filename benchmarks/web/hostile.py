"""Clients that mean harm: huge, deep, slow, broken and half requests, without a pause."""

from __future__ import annotations

import asyncio
import json
import random

from benchmarks.web.client import Client

__all__ = ["attack"]


async def attack(port: int, seed: int, seconds: float, statuses: dict[int, int]) -> None:
    """Send one bad thing after the other, and count what comes back."""
    chance = random.Random(seed)
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    async with Client(port) as client:
        while loop.time() < end:
            if chance.random() < 0.1:
                await _half_a_request(port)
                continue
            found = await client.send("derivative", _body(chance))
            statuses[found.status] = statuses.get(found.status, 0) + 1


def _body(chance: random.Random) -> bytes:
    kind = chance.randrange(8)
    if kind == 0:
        return b"[" * 15_000
    if kind == 1:
        return b'{"formula": "' + b"x+" * chance.randrange(7_000, 60_000) + b'x"}'
    formula = _FORMULAS[kind](chance)
    return json.dumps({"formula": formula, "wrt": "x", "order": chance.choice((1, 2))}).encode()


def _deep(chance: random.Random) -> str:
    depth = chance.randrange(50, 110)
    return "sin(" * depth + "x'*x" + ")" * depth


def _many_terms(chance: random.Random) -> str:
    first = chance.randrange(1000)
    terms = (f"sin(x'*A_{first + k}*x)*exp(x'*B_{k}*x)" for k in range(60))
    return "+".join(terms)


def _tall_power(chance: random.Random) -> str:
    return f"tr((A*x*x'*B)^{chance.randrange(50, 5000)})"


def _slow(chance: random.Random) -> str:
    terms = (f"logdet(A_{chance.randrange(999)}*x*x'*A_{k}' + eye)" for k in range(12))
    return "*".join(terms)


def _product(chance: random.Random) -> str:
    factors = (f"(A_{k}*x + B_{chance.randrange(99)}*x)" for k in range(30))
    return "sum(" + ".*".join(factors) + ")"


def _nonsense(chance: random.Random) -> str:
    return "".join(chance.choice("xA()*+-^'.,;=λ∂ \n") for _ in range(3_000))


_FORMULAS = {
    2: _deep,
    3: _many_terms,
    4: _tall_power,
    5: _slow,
    6: _product,
    7: _nonsense,
}


async def _half_a_request(port: int) -> None:
    """Begin a request, and leave it."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /api/v1/derivative HTTP/1.1\r\nHost: localhost\r\nContent-Le")
    await asyncio.sleep(0.2)
    writer.close()
