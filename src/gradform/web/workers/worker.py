"""What a worker does: answer one question after the other, within its limits."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Mapping
from typing import Any, NamedTuple

from gradform.api.settings import settings
from gradform.errors import CannotError, GradformError, LimitError
from gradform.language import say
from gradform.web.answers import ANSWERS
from gradform.web.answers.failure import failure
from gradform.web.limits import LIMITS, ServerLimits
from gradform.web.workers.frames import ANSWER, QUESTION

__all__ = ["Outcome", "outcome", "work"]

OK, REFUSED, FAILED = 200, 422, 500


class Outcome(NamedTuple):
    """An answer, and whether the worker is fit for another question."""

    status: int
    content: bytes
    fit: bool = True


def work(channel: socket.socket, limits: ServerLimits) -> None:
    """Answer until the server hangs up, or until this worker is better replaced."""
    _limit_memory(limits.memory)
    first = _grown()
    for count in range(1, limits.questions + 1):
        question = _received(channel)
        if question is None:
            return
        # Should the server be gone, nobody else ends a worker that computes.
        signal.setitimer(signal.ITIMER_REAL, limits.lasting + 1)
        name, _, body = question.partition(b"\n")
        found = outcome(name.decode(), body, limits)
        signal.setitimer(signal.ITIMER_REAL, 0)
        ends = not found.fit or count == limits.questions or _grown() - first > limits.growth
        channel.sendall(ANSWER.pack(found.status, ends, len(found.content)) + found.content)
        if ends:
            return


def outcome(name: str, body: bytes, limits: ServerLimits = LIMITS) -> Outcome:
    """What is answered to a question; whatever happens, there is an answer."""
    asked: Mapping[str, Any] = json.loads(body)
    with settings(language=asked.get("language", "en")):
        try:
            return _told(ANSWERS[name](asked), limits)
        except GradformError as error:
            return Outcome(REFUSED, _written(failure(error, asked)))
        except (MemoryError, RecursionError) as error:
            return Outcome(REFUSED, _written(failure(_too_large(error, limits))), fit=False)
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            text = say("Internal error: {kind}.", kind=type(error).__name__)
            return Outcome(FAILED, _written(failure(CannotError(text, kind="internal"))), fit=False)


def _told(answer: Mapping[str, Any], limits: ServerLimits) -> Outcome:
    content = _written(answer)
    if len(content) <= limits.answer:
        return Outcome(OK, content)
    text = say(
        "The answer is too long: {size:,} bytes; at most {most:,} are sent.",
        size=len(content),
        most=limits.answer,
    )
    return Outcome(REFUSED, _written(failure(CannotError(text, kind="too_long"))))


def _too_large(error: MemoryError | RecursionError, limits: ServerLimits) -> GradformError:
    if isinstance(error, RecursionError):
        return LimitError(say("The formula is nested too deeply."), kind="too_deep")
    text = say("This takes more than the {most:,} MB of memory it may.", most=limits.memory >> 20)
    return CannotError(text, kind="memory_limit")


def _written(answer: Mapping[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _received(channel: socket.socket) -> bytes | None:
    """The next question, or None when the server has hung up."""
    head = _exactly(channel, QUESTION.size)
    return None if head is None else _exactly(channel, QUESTION.unpack(head)[0])


def _exactly(channel: socket.socket, size: int) -> bytes | None:
    found = b""
    while len(found) < size:
        part = channel.recv(size - len(found))
        if not part:
            return None
        found += part
    return found


def _grown() -> int:
    """The most memory this process has had, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _limit_memory(most: int) -> None:
    """From here on so much more address space, no more, and no core dumps."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            used = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # not on Linux: only time is limited
        return
    resource.setrlimit(resource.RLIMIT_AS, (used + most,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
