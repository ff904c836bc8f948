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

    async def within(self, computing: float, lasting: float) -> bool:
        """Whether it is answered before it has computed, or lasted, for so many seconds.

        On a busy machine it lasts longer than it computes, which is not its fault.
        """
        while not self._answer.done():
            left = min(computing - self.computed, lasting - self.lasted)
            if left <= 0:
                return False
            await asyncio.wait([self._answer], timeout=max(left, _SHORTEST_LOOK))
        return True

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
