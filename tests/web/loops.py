"""Asynchronous tests, each in a thread of its own: a browser of other tests may hold a loop in
this one."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

__all__ = ["run_alone"]

T = TypeVar("T")


def run_alone(test: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns, or its exception."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, test).result()
