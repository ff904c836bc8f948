"""Answers that are kept, as many as fit into a number of bytes; the least used go first."""

from __future__ import annotations

from collections import OrderedDict

from gradform.web.workers import Reply

__all__ = ["Cache"]

_OVERHEAD = 500  # bytes of the objects around a key and a reply
_LARGEST_SHARE = 16


class Cache:
    """A mapping from questions to replies that never holds more than ``most`` bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[bytes, Reply] = OrderedDict()
        self.size = 0

    def get(self, key: bytes) -> Reply | None:
        """The reply, which is the most recently used one now."""
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        return found

    def put(self, key: bytes, reply: Reply) -> None:
        """Keep a reply, unless it takes too much of the room."""
        size = _size(key, reply)
        if size > self._most // _LARGEST_SHARE or key in self._held:
            return
        self._held[key] = reply
        self.size += size
        while self.size > self._most:
            self.size -= _size(*self._held.popitem(last=False))


def _size(key: bytes, reply: Reply) -> int:
    return len(key) + len(reply.content) + _OVERHEAD
