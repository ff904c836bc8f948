"""The processes as the server sees them: the warm one, and the workers it forks."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import gradform
from gradform.records import as_dict
from gradform.web.limits import ServerLimits
from gradform.web.workers.frames import (
    ANSWER,
    COMMAND,
    FORK,
    FORKED,
    KILL,
    NICE,
    REPORT,
    question_frame,
)

__all__ = ["Answered", "WarmProcess", "Worker"]

_ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}


class Answered(NamedTuple):
    """What a worker sent: status and content, and whether it ends now."""

    status: int
    content: bytes
    ends: bool


class Worker:
    """A worker process and the line to it.

    ``recent`` is what it was asked last: of the same formula it knows something already.
    """

    def __init__(
        self,
        process: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        generation: int,
    ) -> None:
        self.process = process
        self.generation = generation
        self.recent = ""
        self._reader = reader
        self._writer = writer

    def ask(self, name: str, body: bytes) -> None:
        """Send a question."""
        self._writer.write(question_frame(name, body))

    async def answer(self) -> Answered | None:
        """What it answers; None when it has died over the question."""
        try:
            status, ends, size = ANSWER.unpack(await self._reader.readexactly(ANSWER.size))
            return Answered(status, await self._reader.readexactly(size), ends)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    @property
    def is_alive(self) -> bool:
        """Whether it has not hung up."""
        return not self._reader.at_eof()

    def hang_up(self) -> None:
        """Close the line; an idle worker ends by itself then."""
        self._writer.close()

    def computing_seconds(self) -> float:
        """Processor time it has used since it was forked; the time of day where unknown."""
        # The number of a process's clock on Linux, as clock_getcpuclockid(3) makes it.
        clock = (~self.process << 3) | 2
        try:
            return time.clock_gettime(clock)
        except OSError:
            return time.monotonic()


class WarmProcess:
    """The warm process. ``generation`` counts up when the workers it forks know more."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        line: socket.socket,
        warmed: Callable[[], None],
        lost: Callable[[], None],
    ) -> None:
        self.generation = 0
        self._process = process
        self._line = line
        self._warmed = warmed
        self._lost = lost
        self._waiting: deque[asyncio.Future[int]] = deque()
        self._listener: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls, limits: ServerLimits, warmed: Callable[[], None], lost: Callable[[], None]
    ) -> WarmProcess:
        """Start one, whose workers keep to the limits. ``warmed`` is called when all is loaded,
        ``lost`` when it has died."""
        given = json.dumps(as_dict(limits))
        mine, its = socket.socketpair()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "gradform.web.workers.warm", str(its.fileno()), given],
            pass_fds=[its.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,  # neither Ctrl-C nor the end of the terminal reaches it
        )
        its.close()
        found = cls(process, mine, warmed, lost)
        reader, writer = await asyncio.open_unix_connection(sock=mine.dup())
        found._listener = asyncio.create_task(found._listen(reader, writer))
        return found

    async def fork(self) -> Worker:
        """A new worker. ConnectionError when the warm process has died."""
        mine, its = socket.socketpair()
        generation = self.generation
        waiting: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        with its:
            socket.send_fds(self._line, [COMMAND.pack(FORK, 0, 0)], [its.fileno()])
        self._waiting.append(waiting)
        try:
            process = await waiting
            reader, writer = await asyncio.open_unix_connection(sock=mine)
        except BaseException:  # also when nobody waits any more, the socket is closed
            mine.close()
            raise
        return Worker(process, reader, writer, generation)

    def kill(self, worker: Worker) -> None:
        """End a worker at once."""
        worker.hang_up()
        self._command(KILL, worker, 0)

    def nice(self, worker: Worker, degree: int) -> None:
        """Let a worker compute when nobody else does: 19 for the least urgent."""
        self._command(NICE, worker, degree)

    async def stop(self) -> None:
        """End it, and with it all its workers."""
        if self._listener is not None:
            self._listener.cancel()
        self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()
        try:
            await asyncio.to_thread(self._process.wait, 3)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _command(self, command: bytes, worker: Worker, degree: int) -> None:
        try:
            self._line.sendall(COMMAND.pack(command, worker.process, degree))
        except OSError:
            return  # it has died, and its workers end by themselves

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hear what it reports; the writer is held because losing it would close the line."""
        try:
            while True:
                word, number = REPORT.unpack(await reader.readexactly(REPORT.size))
                if word == FORKED:
                    _settle(self._waiting.popleft(), number)
                else:
                    self.generation += 1
                    self._warmed()
        except (asyncio.IncompleteReadError, ConnectionError):
            for waiting in self._waiting:
                _settle(waiting, ConnectionError("the warm process has ended"))
            writer.close()
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
            self._lost()


def _settle(waiting: asyncio.Future[int], result: int | ConnectionError) -> None:
    """Give the result to who waits, who may have gone."""
    if waiting.done():
        return
    if isinstance(result, int):
        waiting.set_result(result)
    else:
        waiting.set_exception(result)


def _environment() -> dict[str, str]:
    """The same library there as here, and arithmetic in one thread."""
    here = str(Path(gradform.__file__).parents[1])
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    return {**os.environ, **_ONE_THREAD, "PYTHONPATH": path}
