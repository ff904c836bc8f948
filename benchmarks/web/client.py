"""A client of its own that takes little processor time: HTTP/1.1 over a kept connection."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

__all__ = ["Asked", "Client"]


class Asked(NamedTuple):
    """A question, its answer (status 0 when there was none) and the seconds it took."""

    name: str
    body: bytes
    status: int
    content: bytes
    seconds: float


class Client:
    """One person's browser. A question that is cancelled closes its connection, as there."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, name: str, question: Mapping[str, Any]) -> Asked:
        """Ask by POST."""
        body = json.dumps(question, ensure_ascii=False).encode()
        return await self.send(name, body)

    async def send(self, name: str, body: bytes) -> Asked:
        """Send these bytes as a body."""
        begun = time.perf_counter()
        try:
            status, content = await self._exchanged(name, body)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.close()
            status, content = 0, b""
        except asyncio.CancelledError:
            self.close()
            raise
        return Asked(name, body, status, content, time.perf_counter() - begun)

    async def _exchanged(self, name: str, body: bytes) -> tuple[int, bytes]:
        reader, writer = await self._connection()
        head = (
            f"POST /api/v1/{name} HTTP/1.1\r\nHost: localhost:{self._port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        lines = answer.split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        content = await reader.readexactly(int(fields.get("content-length", 0)))
        if fields.get("connection") == "close":
            self.close()
        return int(lines[0].split()[1]), content

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is None or self._writer is None or self._reader.at_eof():
            self.close()
            opened = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
            self._reader, self._writer = opened
        assert self._reader is not None and self._writer is not None
        return self._reader, self._writer

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
