"""A server of its own for a measurement, and the memory of its processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import gradform

__all__ = ["Served", "memory", "served"]


class Served(NamedTuple):
    """A running server, and how long it took until the page and the first answer came."""

    port: int
    process: int
    page_seconds: float
    answer_seconds: float


@contextmanager
def served() -> Iterator[Served]:
    """Start ``gradform serve``, wait for it, and stop it at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    source = str(Path(gradform.__file__).parents[1])
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "gradform", "serve", "--port", str(port)],
        env={**os.environ, "PYTHONPATH": source},
        stdout=subprocess.DEVNULL,
    )
    try:
        page = _seconds_until(f"http://127.0.0.1:{port}/", None, begun)
        question = b'{"formula": "x\'*A*x"}'
        url = f"http://127.0.0.1:{port}/api/v1/derivative"
        yield Served(port, process.pid, page, _seconds_until(url, question, begun))
    finally:
        process.terminate()
        process.wait(10)


def _seconds_until(url: str, body: bytes | None, begun: float) -> float:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10):
                return time.perf_counter() - begun
        except OSError:
            if time.perf_counter() - begun > 30:
                raise
            time.sleep(0.01)


def memory(process: int) -> int:
    """Bytes that a process and its descendants hold, what they share counted once (Linux)."""
    total = 0
    for each in _family(process):
        try:
            text = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue  # it has ended meanwhile
        line = next(line for line in text.splitlines() if line.startswith("Pss:"))
        total += int(line.split()[1]) * 1024
    return total


def _family(process: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found = [process]
    for each in found:
        found += parents.get(each, [])
    return found
