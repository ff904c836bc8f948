"""One question at one worker, by the clock."""

from __future__ import annotations

import asyncio
import time

from gradform.web.workers.processes import Answered, Worker

__all__ = ["Run"]

_SHORTEST_LOOK = 0.005


class Run:
    """A question on its way through a worker, from the moment it is made."""

    def __init__(self, worker: Worker, name: str, body: bytes, about: str) -> None:
        self.worker = worker
        self._begun = time.monotonic()
        self._computed = worker.computing_seconds()
        worker.recent = about
        worker.ask(name, body)
        self._answer = asyncio.ensure_future(worker.answer())

    async def quick(self, patience: float, seconds: float) -> bool:
        """Whether it is answered before it has computed for longer than ``patience``.

        What it waits for others on a busy machine is not its fault, up to ``seconds``.
        """
        left = patience
        while left > 0:
            if await self.within(min(self.lasted + max(left, _SHORTEST_LOOK), seconds)):
                return True
            if self.lasted >= seconds:
                return False
            left = patience - self.computed
        return False

    async def within(self, seconds: float) -> bool:
        """Whether it is answered so many seconds after it was asked."""
        await asyncio.wait([self._answer], timeout=max(seconds - self.lasted, 0))
        return self._answer.done()

    @property
    def answered(self) -> Answered | None:
        """The answer, once there is one; None when the worker died over it."""
        return self._answer.result()

    @property
    def lasted(self) -> float:
        """Seconds since it was asked."""
        return time.monotonic() - self._begun

    @property
    def computed(self) -> float:
        """Seconds of processor time it has taken."""
        return self.worker.computing_seconds() - self._computed
