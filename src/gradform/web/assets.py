"""The files of the page, held in memory: nothing else of the disk can be asked for."""

from __future__ import annotations

import hashlib
import mimetypes
from importlib.resources import files
from importlib.resources.abc import Traversable

from gradform.records import record

__all__ = ["Asset", "page_assets"]

_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2"}


@record
class Asset:
    """One file: its bytes, its media type and the tag that changes with its content."""

    content: bytes
    media_type: str
    etag: str


def page_assets() -> dict[str, Asset]:
    """Every file of the page by its path below ``/static/``."""
    return dict(_found(files("gradform.web") / "page", ""))


def _found(folder: Traversable, prefix: str) -> list[tuple[str, Asset]]:
    found: list[tuple[str, Asset]] = []
    for entry in folder.iterdir():
        path = prefix + entry.name
        if entry.is_dir():
            found += _found(entry, f"{path}/")
        else:
            found.append((path, _asset(entry)))
    return found


def _asset(file: Traversable) -> Asset:
    content = file.read_bytes()
    suffix = "." + file.name.rpartition(".")[2]
    kind = _TYPES.get(suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind == "application/json":
        kind += "; charset=utf-8"
    return Asset(content, kind, f'"{hashlib.sha256(content).hexdigest()[:20]}"')
