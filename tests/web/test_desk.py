"""Equal questions are asked once, answers are kept within a number of bytes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gradform.web.cache import Cache
from gradform.web.desk import Desk
from gradform.web.workers import Busy, Pool, Reply
from tests.web.loops import run_alone


class Counting(Pool):
    """A pool that answers by itself, after a moment, and counts."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.dropped = 0
        self.reply: Reply | Busy = Reply(200, b"{}")

    async def ask(self, name: str, body: bytes, about: str) -> Reply:
        self.asked.append(body)
        try:
            await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            self.dropped += 1
            raise
        if isinstance(self.reply, Busy):
            raise self.reply
        return self.reply


def desk() -> tuple[Desk, Counting]:
    found, pool = Desk(), Counting()
    found.pool = pool
    return found, pool


QUESTION: dict[str, Any] = {"formula": "x'*A*x", "wrt": "x"}


def test_equal_questions_at_the_same_time_are_one() -> None:
    async def test() -> None:
        found, pool = desk()
        replies = await asyncio.gather(*(found.ask("derivative", QUESTION) for _ in range(5)))
        assert replies == [Reply(200, b"{}")] * 5
        assert len(pool.asked) == 1

    run_alone(test())


def test_answers_are_kept() -> None:
    async def test() -> None:
        found, pool = desk()
        for question in (QUESTION, dict(reversed(QUESTION.items())), {**QUESTION, "wrt": "A"}):
            for _ in range(2):
                await found.ask("derivative", question)
                await found.ask("code", question)
        assert len(pool.asked) == 4

    run_alone(test())


def test_the_order_of_variables_matters() -> None:
    async def test() -> None:
        found, pool = desk()
        first = {"x": {"shape": ["n"]}, "A": {"shape": ["n", "n"]}}
        for variables in (first, dict(reversed(first.items()))):
            await found.ask("derivative", {**QUESTION, "variables": variables})
        assert len(pool.asked) == 2

    run_alone(test())


@pytest.mark.parametrize("reply", [Reply(500, b"{}"), Busy()])
def test_failures_are_not_kept(reply: Reply | Busy) -> None:
    async def test() -> None:
        found, pool = desk()
        pool.reply = reply
        for _ in range(2):
            await asyncio.gather(found.ask("derivative", QUESTION), return_exceptions=True)
        assert len(pool.asked) == 2

    run_alone(test())


def test_a_question_is_dropped_when_the_last_one_stops_waiting() -> None:
    async def test() -> None:
        found, pool = desk()
        first, second = (asyncio.create_task(found.ask("derivative", QUESTION)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        assert (await second).status == 200
        assert pool.dropped == 0
        third = asyncio.create_task(found.ask("code", QUESTION))
        await asyncio.sleep(0.001)
        third.cancel()
        await asyncio.gather(third, return_exceptions=True)
        await asyncio.sleep(0)
        assert pool.dropped == 1

    run_alone(test())


def test_who_comes_after_a_dropped_question_gets_an_answer() -> None:
    async def test() -> None:
        found, _ = desk()
        first = asyncio.create_task(found.ask("derivative", QUESTION))
        await asyncio.sleep(0.001)
        first.cancel()
        second = asyncio.create_task(found.ask("derivative", QUESTION))
        assert (await second).status == 200

    run_alone(test())


def test_the_cache_is_bounded_by_bytes() -> None:
    cache = Cache(100_000)
    for k in range(1_000):
        cache.put(b"%d" % k, Reply(200, b"x" * 1_000))
        cache.get(b"0")
        assert cache.size <= 100_000
    assert cache.get(b"999") is not None
    assert cache.get(b"0") is not None  # used all the time
    assert cache.get(b"1") is None


def test_one_answer_does_not_take_all_the_room() -> None:
    cache = Cache(100_000)
    cache.put(b"small", Reply(200, b"x"))
    cache.put(b"large", Reply(200, b"x" * 50_000))
    assert cache.get(b"large") is None
    assert cache.get(b"small") is not None
