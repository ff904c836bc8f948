"""The files of the page, held in memory: nothing else of the disk can be asked for."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gradform.language import languages
from gradform.pictures import RULES

__all__ = ["Asset", "Assets"]

_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2"}
_WORTH_COMPRESSING = 1_000
# A browser asks whether a file has changed, and is told by the tag; fonts never change.
_ASK = "no-cache"
_KEEP = "max-age=604800"


class Asset:
    """One file: its bytes, its media type and the tag that changes with its content."""

    def __init__(self, name: str, content: bytes) -> None:
        self.content = content
        suffix = "." + name.rpartition(".")[2]
        guessed = _TYPES.get(suffix) or mimetypes.guess_type(name)[0]
        self.media_type = guessed or "application/octet-stream"
        self.is_text = self.media_type.startswith("text/") or suffix in (".json", ".svg")
        self.etag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'

    @cached_property
    def compressed(self) -> bytes:
        """The bytes with gzip, made when they are first asked for."""
        return gzip.compress(self.content, 6, mtime=0)


class Assets:
    """Files by their path below ``/static/``."""

    def __init__(self, found: Mapping[str, Asset]) -> None:
        self._found = found

    @classmethod
    def of_page(cls) -> Assets:
        """All files of the page, and the rules by which pictures have their colours."""
        page = dict(_found(files("gradform.web") / "page", ""))
        return cls(page | {"pictures.css": Asset("pictures.css", RULES.encode())})

    @classmethod
    def of_catalogues(cls) -> Assets:
        """All texts in each language by their English templates, which have no file."""
        found = dict(_found(files("gradform.language"), ""))
        english = {"en.json": Asset("en.json", b"{}")}
        return cls(english | {name: each for name, each in found.items() if name in _catalogues()})

    def response(self, path: str, request: Request) -> Response:
        """A file, or that it has not changed. Raises HTTPException (404) for none."""
        asset = self._found.get(path)
        if asset is None:
            raise HTTPException(404)
        caching = _KEEP if path.endswith(".woff2") else _ASK
        headers = {"ETag": asset.etag, "Cache-Control": caching, "Vary": "Accept-Encoding"}
        if asset.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        content = asset.content
        accepts_gzip = "gzip" in request.headers.get("accept-encoding", "")
        if asset.is_text and accepts_gzip and len(content) > _WORTH_COMPRESSING:
            content = asset.compressed
            headers["Content-Encoding"] = "gzip"
        return Response(content, headers=headers, media_type=asset.media_type)


def _catalogues() -> set[str]:
    return {f"{code}.json" for code in languages()}


def _found(folder: Traversable, prefix: str) -> Iterator[tuple[str, Asset]]:
    for entry in folder.iterdir():
        path = prefix + entry.name
        if entry.is_dir():
            yield from _found(entry, f"{path}/")
        else:
            yield path, Asset(entry.name, entry.read_bytes())
