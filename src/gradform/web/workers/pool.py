"""The pool: which worker answers which question, and for how long.

A question gets a worker at once or in its turn, short ones first. One that has computed
for longer than the server's patience is slow: its worker goes on at the lowest priority,
another takes its place, and only a few of them go on at a time. So a hostile formula costs
the others no more than that patience.
"""

from __future__ import annotations

import asyncio
import os
from typing import NamedTuple

from gradform.web.limits import LIMITS, ServerLimits
from gradform.web.workers.lane import Busy, Lane
from gradform.web.workers.processes import WarmProcess, Worker
from gradform.web.workers.run import Run

__all__ = ["STOPPED", "TOOK_TOO_LONG", "Busy", "Pool", "Reply"]

_SPARE = 1
_NOT_URGENT = 15
_SHORT = 400
_RESTART_SECONDS = 1.0


class Reply(NamedTuple):
    """An HTTP status with what a worker answered, or the ``kind`` of failure that left none."""

    status: int
    content: bytes = b""
    kind: str = ""


TOOK_TOO_LONG = Reply(422, kind="time_limit")
STOPPED = Reply(422, kind="stopped")


class Pool:
    """Workers for questions. ``start`` and ``stop`` it in a running event loop."""

    def __init__(self, limits: ServerLimits = LIMITS) -> None:
        self._limits = limits
        self._size = limits.workers or max(2, os.cpu_count() or 1)
        self._lane = Lane(self._size, limits.queue, limits.waiting)
        self._busy = 0
        self._slow = 0
        self._idle: list[Worker] = []
        self._some_idle = asyncio.Event()
        self._longest_wait = limits.starting
        self._warm: WarmProcess | None = None
        self._filling: asyncio.Task[None] | None = None
        self._restarting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the warm process; questions wait for the first worker."""
        self._warm = await WarmProcess.start(self._limits, self._refill, self._lost)
        self._refill()

    async def stop(self) -> None:
        """End all processes."""
        for task in (self._filling, self._restarting):
            if task is not None:
                task.cancel()
        if self._warm is not None:
            await self._warm.stop()
            self._warm = None

    # ------------------------------------------------------------ questions

    async def ask(self, name: str, body: bytes, about: str) -> Reply:
        """The answer to a question; a worker that was asked ``about`` the same is preferred.

        Raises Busy when there is no room for it.
        """
        async with self._lane.place(len(body) // _SHORT):
            run = Run(await self._take(about), name, body, about)
            self._busy += 1
            try:
                if await run.within(self._limits.patience, self._limits.lasting):
                    return self._finished(run)
            except asyncio.CancelledError:
                self._kill(run.worker)
                raise
            finally:
                self._busy -= 1
                self._refill()
        return await self._slowly(run)

    async def _slowly(self, run: Run) -> Reply:
        """Let it go on when nobody else computes, if there is room for that."""
        if self._slow >= self._limits.slow or self._warm is None:
            self._kill(run.worker)
            raise Busy
        self._slow += 1
        self._warm.nice(run.worker, _NOT_URGENT)
        try:
            if await run.within(self._limits.seconds, self._limits.lasting):
                run.worker.hang_up()  # its priority stays low
                return _reply(run)
            if run.computed < self._limits.seconds:
                raise Busy(2)  # others had the processor
            return TOOK_TOO_LONG
        finally:
            self._slow -= 1
            self._kill(run.worker)

    def _finished(self, run: Run) -> Reply:
        """Take the worker back, unless it is better replaced."""
        answered = run.answered
        newest = self._warm.generation if self._warm is not None else 0
        if answered is None or answered.ends or run.worker.generation < newest:
            run.worker.hang_up()
        else:
            self._idle.append(run.worker)
            self._some_idle.set()
        return _reply(run)

    # ------------------------------------------------------------ workers

    async def _take(self, about: str) -> Worker:
        """An idle worker, best one that was asked about the same. Raises Busy without one."""
        while True:
            self._idle[:] = [worker for worker in self._idle if worker.is_alive]
            for worker in reversed(self._idle):
                if worker.recent == about:
                    self._idle.remove(worker)
                    return worker
            if self._idle:
                return self._idle.pop()
            self._some_idle.clear()
            self._refill()
            try:
                await asyncio.wait_for(self._some_idle.wait(), self._longest_wait)
            except TimeoutError:
                raise Busy from None

    def _kill(self, worker: Worker) -> None:
        if self._warm is not None:
            self._warm.kill(worker)

    def _refill(self) -> None:
        """See to it that there are enough workers, and that they are of the newest generation."""
        if self._warm is not None and (self._filling is None or self._filling.done()):
            self._filling = asyncio.create_task(self._fill(self._warm))

    async def _fill(self, warm: WarmProcess) -> None:
        """Fork what is missing, all at once, and replace what is old, one by one."""
        try:
            while (missing := self._size + _SPARE - len(self._idle) - self._busy) > 0:
                await asyncio.gather(*(self._add(warm) for _ in range(missing)))
            while (old := self._old(warm)) is not None:
                await self._add(warm)
                if old in self._idle:
                    self._idle.remove(old)
                    old.hang_up()
        except OSError:
            return  # it has died; another one is on its way

    async def _add(self, warm: WarmProcess) -> None:
        worker = await warm.fork()  # the list may have changed meanwhile
        self._idle.append(worker)
        self._some_idle.set()
        self._longest_wait = self._limits.waiting

    def _old(self, warm: WarmProcess) -> Worker | None:
        return next((each for each in self._idle if each.generation < warm.generation), None)

    def _lost(self) -> None:
        """The warm process has died: begin again."""
        self._warm = None
        for worker in self._idle:
            worker.hang_up()
        self._idle.clear()
        self._restarting = asyncio.create_task(self._restart())

    async def _restart(self) -> None:
        await asyncio.sleep(_RESTART_SECONDS)
        await self.start()


def _reply(run: Run) -> Reply:
    answered = run.answered
    return STOPPED if answered is None else Reply(answered.status, answered.content)
