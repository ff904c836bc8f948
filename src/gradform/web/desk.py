"""Where questions are handed in: equal ones are asked once, and answers are kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from gradform.web.cache import Cache
from gradform.web.limits import LIMITS, ServerLimits
from gradform.web.workers import Pool, Reply

__all__ = ["Desk"]

_ABOUT = ("formula", "wrt", "order", "layout", "variables")


class _Errand:
    """A question on its way, and how many wait for its answer."""

    def __init__(self, task: asyncio.Task[Reply]) -> None:
        self.task = task
        self.waiting = 0


class Desk:
    """Takes questions to the pool of workers."""

    def __init__(self, limits: ServerLimits = LIMITS) -> None:
        self.pool = Pool(limits)
        self._kept = Cache(limits.cache)
        self._errands: dict[bytes, _Errand] = {}

    async def ask(self, name: str, body: Mapping[str, Any]) -> Reply:
        """The answer. Raises Busy when there is no room for the question.

        When nobody waits for the answer any more, the question is dropped.
        """
        content = _canonical(body)
        key = name.encode() + content
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        errand = self._errands.get(key)
        if errand is None:
            about = _canonical({field: body.get(field) for field in _ABOUT}).decode()
            errand = self._sent(key, name, content, about)
        errand.waiting += 1
        try:
            return await asyncio.shield(errand.task)
        finally:
            errand.waiting -= 1
            if errand.waiting == 0 and not errand.task.done():
                self._forget(key, errand)  # whoever comes now asks anew
                errand.task.cancel()

    def _sent(self, key: bytes, name: str, content: bytes, about: str) -> _Errand:
        task = asyncio.create_task(self.pool.ask(name, content, about))
        errand = self._errands[key] = _Errand(task)

        def done(task: asyncio.Task[Reply]) -> None:
            self._forget(key, errand)
            if not task.cancelled() and task.exception() is None:
                self._keep(key, task.result())

        task.add_done_callback(done)
        return errand

    def _forget(self, key: bytes, errand: _Errand) -> None:
        if self._errands.get(key) is errand:
            del self._errands[key]

    def _keep(self, key: bytes, reply: Reply) -> None:
        if reply.status < 500:
            self._kept.put(key, reply)


def _canonical(body: Mapping[str, Any]) -> bytes:
    """The same bytes for the same question; the order of the variables is part of it."""
    fields = {name: body[name] for name in sorted(body)}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
