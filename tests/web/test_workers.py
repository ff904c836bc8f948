"""Workers keep to their limits, are replaced, and cost the others nothing."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from gradform.web.limits import ServerLimits
from gradform.web.workers import Busy, Pool, Reply
from gradform.web.workers.lane import Lane
from gradform.web.workers.pool import STOPPED, TOOK_TOO_LONG
from tests.web.loops import run_alone

T = TypeVar("T")
# Seconds of work: sums of many different functions, differentiated twice.
ENDLESS = "+".join(f"sin(x'*A_{k}*x)*exp(x'*B_{k}*x)*logdet(x*x'+C_{k})" for k in range(28))
QUICK = "x'*A*x"
# Whatever else the machine has to do.
PATIENT: dict[str, float] = {"starting": 60.0, "waiting": 60.0, "lasting": 80.0}


def run(test: Callable[[], Awaitable[T]]) -> T:
    async def bounded() -> T:
        async with asyncio.timeout(90):
            return await test()

    return run_alone(bounded())


@asynccontextmanager
async def pool(**limits: float) -> AsyncIterator[Pool]:
    found = Pool(ServerLimits(**{**PATIENT, **limits}))  # type: ignore[arg-type]
    await found.start()
    try:
        yield found
    finally:
        await found.stop()


async def ask(pool: Pool, formula: str, **more: object) -> Reply:
    body = json.dumps({"formula": formula, "wrt": "x", **more}).encode()
    return await pool.ask("derivative", body, formula)


async def asked_again(pool: Pool, formula: str, **more: object) -> Reply:
    """As the page does: a busy server is asked again."""
    while True:
        try:
            return await ask(pool, formula, **more)
        except Busy:
            await asyncio.sleep(0.2)


def is_answer(reply: Reply) -> bool:
    return reply.status == 200 and json.loads(reply.content)["answer"]["text"] == "(A + A')*x"


def test_answers() -> None:
    async def test() -> None:
        async with pool() as found:
            assert is_answer(await ask(found, QUICK))
            assert (await ask(found, "x +")).status == 422

    run(test)


def test_what_takes_too_long_is_stopped_and_the_next_question_answered() -> None:
    async def test() -> None:
        async with pool(seconds=0.5, patience=0.2) as found:
            assert is_answer(await ask(found, QUICK))
            assert await asked_again(found, ENDLESS, order=2) == TOOK_TOO_LONG
            assert is_answer(await ask(found, QUICK))

    run(test)


def test_what_takes_too_much_memory_is_stopped_and_the_next_question_answered() -> None:
    async def test() -> None:
        async with pool(seconds=60.0, patience=30.0) as found:
            huge = {"A": {"shape": [30_000, 30_000]}, "x": {"shape": [30_000]}}
            reply = await ask(found, QUICK, variables=huge)
            assert reply.status == 422
            assert reply == STOPPED or json.loads(reply.content)["error"]["kind"] == "memory_limit"
            assert is_answer(await ask(found, QUICK))

    run(test)


def test_slow_questions_do_not_delay_quick_ones() -> None:
    async def test() -> None:
        async with pool(seconds=20.0, patience=0.05, slow=2, workers=1) as found:
            await ask(found, QUICK)
            slow = [asyncio.create_task(ask(found, f"{ENDLESS}+{k}", order=2)) for k in range(2)]
            await asyncio.sleep(1)
            for _ in range(5):
                assert is_answer(await ask(found, QUICK))
            assert not any(each.done() for each in slow)
            for each in slow:
                each.cancel()
            await asyncio.gather(*slow, return_exceptions=True)

    run(test)


def test_too_many_slow_questions_are_refused() -> None:
    async def test() -> None:
        async with pool(seconds=20.0, patience=0.05, slow=1, workers=2) as found:
            await ask(found, QUICK)
            slow = [asyncio.create_task(ask(found, f"{ENDLESS}+{k}", order=2)) for k in range(3)]
            while sum(each.done() for each in slow) < 2:
                await asyncio.sleep(0.05)
            assert all(type(each.exception()) is Busy for each in slow if each.done())
            for each in slow:
                each.cancel()
            await asyncio.gather(*slow, return_exceptions=True)
            assert is_answer(await ask(found, QUICK))

    run(test)


def test_a_full_queue_refuses() -> None:
    async def test() -> None:
        lane = Lane(room=1, queue=2, waiting=60)
        async with lane.place(0):
            waiting = [asyncio.create_task(_pass(lane, urgency, [])) for urgency in (0, 0)]
            await asyncio.sleep(0)
            with pytest.raises(Busy):
                await _pass(lane, 0, [])
        await asyncio.gather(*waiting)
        await _pass(lane, 0, [])

    run(test)


def test_short_questions_come_first_and_nobody_waits_for_ever() -> None:
    async def test() -> None:
        lane = Lane(room=1, queue=9, waiting=0.05)
        order: list[int] = []
        async with lane.place(0):
            waiting = [asyncio.create_task(_pass(lane, each, order)) for each in (5, 1, 3)]
            await asyncio.sleep(0)
        await asyncio.gather(*waiting)
        assert order == [1, 3, 5]
        async with lane.place(0):
            with pytest.raises(Busy):
                await _pass(lane, 0, order)

    run(test)


async def _pass(lane: Lane, urgency: int, order: list[int]) -> None:
    async with lane.place(urgency):
        order.append(urgency)


def test_who_gives_up_leaves_no_gap() -> None:
    async def test() -> None:
        lane = Lane(room=1, queue=9, waiting=60)
        async with lane.place(0):
            waiting = [asyncio.create_task(_pass(lane, 0, [])) for _ in range(3)]
            await asyncio.sleep(0)
            waiting[0].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.wait_for(_pass(lane, 0, []), 1)

    run(test)


def test_a_worker_that_dies_is_replaced() -> None:
    async def test() -> None:
        async with pool(workers=1) as found:
            await ask(found, QUICK)
            for process in _workers(found):
                os.kill(process, signal.SIGKILL)
            await asyncio.sleep(0.2)
            assert is_answer(await ask(found, QUICK))

    run(test)


def test_a_worker_that_dies_over_a_question() -> None:
    async def test() -> None:
        async with pool(workers=1, seconds=30.0, patience=20.0) as found:
            await ask(found, QUICK)
            asking = asyncio.create_task(ask(found, ENDLESS, order=2))
            await asyncio.sleep(0.5)
            for process in _workers(found):
                os.kill(process, signal.SIGKILL)
            assert await asking == STOPPED
            await asyncio.sleep(0.2)
            assert is_answer(await ask(found, QUICK))

    run(test)


def test_workers_are_replaced_after_some_questions() -> None:
    async def test() -> None:
        async with pool(workers=1, questions=3) as found:
            await ask(found, QUICK)
            seen: set[int] = set()
            for _ in range(12):
                assert is_answer(await ask(found, QUICK))
                seen |= set(_workers(found))
            assert len(seen) >= 4

    run(test)


def test_another_warm_process_takes_over() -> None:
    async def test() -> None:
        async with pool(workers=1) as found:
            await ask(found, QUICK)
            os.kill(_warm(found), signal.SIGKILL)
            await asyncio.sleep(0.3)
            assert is_answer(await asked_again(found, QUICK))

    run(test)


def test_a_question_that_nobody_waits_for_is_dropped() -> None:
    async def test() -> None:
        async with pool(workers=1, seconds=60.0, patience=60.0) as found:
            await ask(found, QUICK)
            asking = asyncio.create_task(ask(found, ENDLESS, order=2))
            await asyncio.sleep(0.3)
            asking.cancel()
            assert is_answer(await asyncio.wait_for(ask(found, QUICK), 10))

    run(test)


def test_nothing_is_left_behind() -> None:
    async def test() -> list[int]:
        async with pool(seconds=60.0, patience=0.05) as found:
            await ask(found, QUICK)
            asking = asyncio.create_task(ask(found, ENDLESS, order=2))
            await asyncio.sleep(0.5)
            left = [_warm(found), *_workers(found)]
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        return left

    processes = run(test)
    for _ in range(200):  # the kernel takes its time to end what it was told to
        if not any(map(_lives, processes)):
            return
        time.sleep(0.05)
    raise AssertionError(processes)


def _warm(found: Pool) -> int:
    assert found._warm is not None
    return found._warm._process.pid


def _workers(found: Pool) -> list[int]:
    """The children of the warm process."""
    warm = _warm(found)
    children = Path(f"/proc/{warm}/task/{warm}/children").read_text().split()
    return [int(each) for each in children]


def _lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
