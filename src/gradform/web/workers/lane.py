"""A lane: so many at a time, the others wait in order of urgency, and not for ever."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

__all__ = ["Busy", "Lane"]


class Busy(Exception):
    """There is no room now; there may be after ``seconds``."""

    def __init__(self, seconds: int = 1) -> None:
        super().__init__(f"busy for {seconds} s")
        self.seconds = seconds


class Lane:
    """``room`` at a time; at most ``queue`` wait, each for at most ``waiting`` seconds."""

    def __init__(self, room: int, queue: int, waiting: float) -> None:
        self._room = room
        self._queue = queue
        self._longest = waiting
        self._order = count()
        self._heap: list[tuple[int, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def place(self, urgency: int) -> AsyncIterator[None]:
        """A place in the lane, the smallest urgency first. Raises Busy when there is none."""
        await self._enter(urgency)
        try:
            yield
        finally:
            self._room += 1
            self._admit()

    async def _enter(self, urgency: int) -> None:
        if self._room > 0:
            self._room -= 1
            return
        self._forget_gone()
        if len(self._heap) >= self._queue:
            raise Busy
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._heap, (urgency, next(self._order), called))
        try:
            await asyncio.wait_for(asyncio.shield(called), self._longest)
        except BaseException as error:  # given up or too late: its turn goes to the next
            if called.done() and not called.cancelled():  # called and given up at the same moment
                self._room += 1
                self._admit()
            called.cancel()
            raise Busy from None if isinstance(error, TimeoutError) else error

    def _admit(self) -> None:
        while self._room > 0 and self._heap:
            _, _, called = heapq.heappop(self._heap)
            if not called.done():
                self._room -= 1
                called.set_result(None)

    def _forget_gone(self) -> None:
        """Drop those who have stopped waiting, when there are many."""
        if len(self._heap) >= self._queue:
            self._heap = [each for each in self._heap if not each[2].done()]
            heapq.heapify(self._heap)
