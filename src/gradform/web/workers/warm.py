"""The warm process: everything is imported here once, and workers are forked from it.

It is the parent of the workers, so that a process id it is told cannot have become another
process's: only it reaps them. When the server hangs up it kills them and ends.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
import traceback
from typing import NoReturn

from gradform.web.limits import ServerLimits
from gradform.web.workers.frames import COMMAND, FORK, FORKED, KILL, REPORT, WARM
from gradform.web.workers.warming import WARMING
from gradform.web.workers.worker import outcome, work

__all__ = ["Nursery", "main"]


class Nursery:
    """The workers that were forked and not reaped yet, and the line to the server."""

    def __init__(self, line: socket.socket, limits: ServerLimits) -> None:
        self._line = line
        self._limits = limits
        self._alive: set[int] = set()

    def serve(self, seconds: float | None) -> bool:
        """Carry out what the server asks for, and wait for that so long. False at the end."""
        ready, _, _ = select.select([self._line], [], [], seconds)
        self._reap()
        return self._next() if ready else True

    def told(self, word: bytes, number: int) -> None:
        """Tell the server."""
        self._line.sendall(REPORT.pack(word, number))

    def end(self) -> None:
        """Kill all workers."""
        for process in self._alive:
            os.kill(process, signal.SIGKILL)

    def _next(self) -> bool:
        message, sockets, _, _ = socket.recv_fds(self._line, COMMAND.size, 1)
        while 0 < len(message) < COMMAND.size:
            message += self._line.recv(COMMAND.size - len(message))
        if not message:
            return False
        command, process, degree = COMMAND.unpack(message)
        if command == FORK:
            self._fork(sockets[0])
        elif process in self._alive:
            if command == KILL:
                os.kill(process, signal.SIGKILL)
            else:
                os.setpriority(os.PRIO_PROCESS, process, degree)
        return True

    def _fork(self, channel: int) -> None:
        process = os.fork()
        if process == 0:
            self._become_worker(channel)
        os.close(channel)
        self._alive.add(process)
        self.told(FORKED, process)

    def _become_worker(self, channel: int) -> NoReturn:
        try:
            self._line.close()
            work(socket.socket(fileno=channel), self._limits)
        except ConnectionError:
            pass  # the server has hung up
        except BaseException:
            traceback.print_exc(file=sys.stderr)
        finally:
            os._exit(0)

    def _reap(self) -> None:
        while self._alive:
            process, _ = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                return
            self._alive.discard(process)


def main(line: socket.socket, limits: ServerLimits) -> None:
    """Warm up, and fork workers in between and afterwards."""
    nursery = Nursery(line, limits)
    try:
        for name, body in WARMING:
            outcome(name, body)
            while select.select([line], [], [], 0)[0]:
                if not nursery.serve(0):
                    return
        gc.collect()
        gc.freeze()  # what is here stays, and is not copied by the collector of a worker
        nursery.told(WARM, 0)
        while nursery.serve(1.0):
            pass
    except ConnectionError:
        pass  # the server has gone
    finally:
        nursery.end()


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), ServerLimits(**json.loads(sys.argv[2])))
