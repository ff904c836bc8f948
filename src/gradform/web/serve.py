"""``gradform serve``: the page on this machine."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence

import uvicorn

from gradform.web.app import application

__all__ = ["serve"]


def serve(arguments: Sequence[str]) -> int:
    """Serve until interrupted; the exit status."""
    parser = ArgumentParser(prog="gradform serve", allow_abbrev=False)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at")
    parser.add_argument("--port", type=int, default=8000, help="the port to listen at")
    found = parser.parse_args(arguments)
    print(f"gradform is at http://{found.host}:{found.port}/")
    uvicorn.run(application(), host=found.host, port=found.port, log_level="warning")
    return 0
