"""Connections that do not wait for ever for a request to arrive."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from gradform.web.limits import LIMITS

__all__ = ["Connection"]


class Connection(H11Protocol):
    """HTTP/1.1, closed when the head of a request takes too long or there are too many.

    Otherwise silent clients could hold connections until there are none left.
    """

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As asyncio calls it."""
        super().connection_made(transport)
        if len(self.connections) > LIMITS.connections:
            transport.abort()
        else:
            self._expect_head()

    def data_received(self, data: bytes) -> None:
        """As asyncio calls it."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._expect_head()
        else:
            self._calm()

    def connection_lost(self, exc: Exception | None) -> None:
        """As asyncio calls it."""
        self._calm()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(LIMITS.arriving, self.transport.abort)

    def _calm(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
