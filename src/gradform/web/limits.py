"""How much the server takes, keeps and spends: every limit in one place."""

from __future__ import annotations

from gradform.records import record
from gradform.syntax.limits import Limits

__all__ = ["FORMULA_LIMITS", "LIMITS", "ServerLimits"]

FORMULA_LIMITS = Limits(characters=4_000, tokens=1_000, nesting=100)
"""What a formula from a stranger may be; the library itself reads longer ones."""


@record
class ServerLimits:
    """Upper bounds of the server.

    body         bytes of a request, and ``numbers`` of one that carries arrays
    answer       bytes of an answer
    seconds      of computing that a question may take
    lasting      seconds that it may take on a machine that has other things to do
    memory       bytes that a question may need
    patience     seconds of computing after which a question counts as slow
    slow         slow questions at the same time; further ones are refused
    workers      questions at the same time that are not slow yet; 0: as many as there are cores
    queue        questions that wait
    waiting      seconds that one of them waits
    starting     seconds that it waits for the first worker after the start
    arriving     seconds in which a request has to arrive
    connections  at the same time
    questions    that a worker answers before a new one takes its place
    growth       bytes that it may grow until then
    cache        bytes of answers that are kept
    """

    body: int = 16_000
    numbers: int = 128_000
    answer: int = 500_000
    seconds: float = 2.0
    lasting: float = 5.0
    memory: int = 512 * 2**20
    patience: float = 0.15
    slow: int = 4
    workers: int = 0
    queue: int = 100
    waiting: float = 2.0
    starting: float = 10.0
    arriving: float = 5.0
    connections: int = 500
    questions: int = 1_000
    growth: int = 64 * 2**20
    cache: int = 16 * 2**20


LIMITS = ServerLimits()
