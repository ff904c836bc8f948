"""``gradform serve``: the page on this machine."""

from __future__ import annotations

import os
import signal
import socket
import webbrowser
from argparse import Namespace
from collections.abc import Sequence

import uvicorn

from gradform.errors import CannotError, InputError
from gradform.language import say
from gradform.language.command_line import Parser
from gradform.records import replaced
from gradform.web.app import application
from gradform.web.connections import Connection
from gradform.web.limits import LIMITS

__all__ = ["serve"]

_FIRST_PORT, _PORTS = 8000, 20
_EVERYWHERE = ("0.0.0.0", "::")


def serve(arguments: Sequence[str]) -> int:
    """Serve until interrupted; the exit status. InputError for an address that is taken."""
    found = _parser().parse_args(arguments)
    if not hasattr(os, "fork"):
        text = say("The server needs an operating system that can fork processes.")
        raise CannotError(text, kind="system", hint=say("On Windows, run it in WSL."))
    if found.workers < 0:
        raise InputError(
            say("There cannot be {count} workers.", count=found.workers), kind="option"
        )
    listening = _listening(found)
    port = listening.getsockname()[1]
    url = f"http://{_shown(found.host)}:{port}/"
    limits = replaced(LIMITS, workers=found.workers)
    config = uvicorn.Config(
        application([found.host, *found.allow_host], limits),
        http=Connection,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=3,
    )
    print(say("gradform is at {url} (Ctrl-C stops it)", url=url), flush=True)
    if found.open:
        webbrowser.open(url)
    with listening:
        server = uvicorn.Server(config)
        _stop_at_hangup(server)
        server.run(sockets=[listening])
    return 0


def _stop_at_hangup(server: uvicorn.Server) -> None:
    """End in order when the terminal is closed, unless started with nohup."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, server.handle_exit)


def _parser() -> Parser:
    parser = Parser(
        prog="gradform serve", description=say("The web page and its JSON API, on this machine.")
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help=say("the address to listen at"))
    add("--port", type=int, help=say("the port; by default the first free one from 8000"))
    add(
        "--workers", type=int, default=0, metavar="N",
        help=say("questions at the same time; by default as many as there are cores"),
    )  # fmt: skip
    add(
        "--allow-host", action="append", default=[], metavar="NAME",
        help=say("another name by which this server is reached"),
    )  # fmt: skip
    add("--open", action="store_true", help=say("open the page in the browser"))
    return parser


def _listening(found: Namespace) -> socket.socket:
    """A socket at the address that was asked for, or at the first free port."""
    first = _FIRST_PORT if found.port is None else found.port
    ports = range(first, first + (_PORTS if found.port is None else 1))
    family = socket.AF_INET6 if ":" in found.host else socket.AF_INET
    reason: Exception | None = None
    for port in ports:
        try:
            return socket.create_server((found.host, port), family=family, backlog=256)
        except (OSError, OverflowError) as error:
            reason = error
    raise InputError(
        say(
            "Cannot listen at {host}, port {port}: {reason}.",
            host=found.host,
            port=first,
            reason=reason,
        ),
        kind="address",
        hint=say("Choose another one: gradform serve --port 8080"),
    )


def _shown(host: str) -> str:
    """A name for the address that a browser on this machine can use."""
    if host in _EVERYWHERE:
        return "localhost"
    return f"[{host}]" if ":" in host else host
