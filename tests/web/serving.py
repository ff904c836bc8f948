"""The command as a server of its own, and a client that sends whatever it is told to."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

import gradform

__all__ = ["SOURCE", "Server", "Told", "serving", "start"]

SOURCE = Path(gradform.__file__).parent.parent


class Told(NamedTuple):
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class Server(NamedTuple):
    """A running server."""

    port: int
    process: subprocess.Popen[str]

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Told:
        """Send a request as it is."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers or {}))
            found = connection.getresponse()
            fields = {name.lower(): value for name, value in found.getheaders()}
            return Told(found.status, fields, found.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Told:
        return self.send("GET", path, None, {n.replace("_", "-"): v for n, v in headers.items()})

    def ask(self, name: str, question: Any, headers: Mapping[str, str] | None = None) -> Told:
        """Ask a question of the API."""
        fields = {"Content-Type": "application/json", **(headers or {})}
        return self.send("POST", f"/api/v1/{name}", json.dumps(question).encode(), fields)


def start(*options: str) -> subprocess.Popen[str]:
    """The command, in a session of its own as a terminal's is."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "gradform", "serve", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**kept, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"},
    )


@contextmanager
def serving(*options: str) -> Iterator[Server]:
    """A server that answers, at a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = start("--port", str(port), *options)
    server = Server(port, process)
    try:
        _wait(server)
        yield server
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _wait(server: Server) -> None:
    for _ in range(600):
        try:
            server.get("/api/v1/health")
        except OSError:
            assert server.process.poll() is None, server.process.communicate()
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server does not answer")
