"""Who may ask, and what every answer carries for the browser's own guards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gradform.language import say
from gradform.web.replies import refusal

__all__ = ["HEADERS", "Guard", "is_json"]

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

_HERE = frozenset({"localhost"})


class Guard:
    """Refuses other hosts' names and other pages' questions; adds the headers.

    A page of another site can send requests to this machine, and by changing what its own
    name means even read the answers (DNS rebinding): so a name has to be one of ours. Numbers
    cannot change their meaning.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = _HERE | {name.lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._is_ours(host):
            text = say(
                "The name '{name}' is not one this server answers to; start it with "
                "--allow-host {name}.",
                name=_name(host)[:100],
            )
            await refusal(403, "host", text, scope)(scope, receive, with_headers)
        elif not _is_same_origin(headers, host):
            text = say("Only pages of this server may ask it.")
            await refusal(403, "origin", text, scope)(scope, receive, with_headers)
        else:
            await self._app(scope, receive, with_headers)

    def _is_ours(self, host: str) -> bool:
        name = _name(host).lower()
        return name in self._names or _is_number(name)


def _name(host: str) -> str:
    """The host without its port; IPv6 addresses stand in brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if ":" in host else host


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_same_origin(headers: Headers, host: str) -> bool:
    """Whether a browser says that the page is ours, or there is no browser."""
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        # A link to the page from elsewhere is fine.
        return headers.get("sec-fetch-mode") == "navigate"
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2].lower() == host.lower()


def is_json(headers: Headers) -> bool:
    """Whether the body is declared as JSON, which no plain form of another page can be."""
    kind, _, parameters = headers.get("content-type", "").lower().partition(";")
    charset = parameters.replace(" ", "").replace('"', "")
    return kind.strip() == "application/json" and charset in ("", "charset=utf-8")
