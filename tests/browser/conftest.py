"""The server, the browser, and a page that must not complain."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.watched import Watched

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
START_SECONDS = 60.0

# On a busy machine an answer may take its time; what is not there by then is missing.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. Where it is missing there is nothing to test, unless it is required."""
    if not CHROMIUM.exists():
        if os.environ.get("GRADFORM_BROWSER") == "required":
            pytest.fail(f"{CHROMIUM} is missing")
        pytest.skip(f"needs {CHROMIUM}: apt-get install chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The address of a server of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gradform", "serve", "--port", str(port)]
    source = str(Path(__file__).parents[2] / "src")
    server = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": source}, stdout=subprocess.DEVNULL
    )
    try:
        yield _ready(f"http://127.0.0.1:{port}/", server)
    finally:
        server.terminate()
        server.wait(10)


def _ready(address: str, server: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(address, timeout=1):
                return address
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("gradform serve does not answer")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh visitor: English, light, a desktop."""
    found = browser.new_context(
        viewport={"width": 1400, "height": 900}, locale="en-US", color_scheme="light"
    )
    found.grant_permissions(["clipboard-read", "clipboard-write"])
    found.set_default_timeout(10_000)
    yield found
    found.close()


@pytest.fixture(scope="module")
def modules(browser: Browser, address: str) -> Iterator[Watched]:
    """A page whose modules are called one by one."""
    found = Watched(browser.new_page(), address)
    found.opens()
    yield found
    found.page.close()
    assert found.complaints == []


@pytest.fixture
def visitor(context: BrowserContext, address: str) -> Iterator[Watched]:
    """A page that is watched: no complaint in the console, no request to another host."""
    found = Watched(context.new_page(), address)
    yield found
    assert found.complaints == []
    assert found.strangers == []
