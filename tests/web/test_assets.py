"""The files of the page."""

from __future__ import annotations

import gzip
import re
from importlib.resources import files
from pathlib import Path

from tests.web.serving import Server

PAGE = Path(str(files("gradform.web"))) / "page"
FILES = sorted(str(path.relative_to(PAGE)) for path in PAGE.rglob("*") if path.is_file())


def test_every_file_is_served(server: Server) -> None:
    for name in FILES:
        told = server.get(f"/static/{name}")
        assert told.status == 200
        assert told.content == (PAGE / name).read_bytes()


def test_the_page_itself(server: Server) -> None:
    told = server.get("/")
    assert told.headers["content-type"] == "text/html; charset=utf-8"
    assert told.content == (PAGE / "index.html").read_bytes()


def test_scripts_are_scripts_and_fonts_fonts(server: Server) -> None:
    kinds = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
    for name in FILES:
        kind = kinds.get(Path(name).suffix)
        if kind is not None:
            assert server.get(f"/static/{name}").headers["content-type"].startswith(kind)


def test_what_has_not_changed_is_not_sent_again(server: Server) -> None:
    told = server.get("/")
    again = server.get("/", If_None_Match=told.headers["etag"])
    assert (again.status, again.content) == (304, b"")
    assert server.get("/", If_None_Match='"other"').status == 200


def test_text_is_compressed_for_who_takes_it(server: Server) -> None:
    name = next(name for name in FILES if name.endswith(".js"))
    told = server.get(f"/static/{name}", Accept_Encoding="gzip, br")
    if len(told.content) < 1_000:
        return
    assert told.headers["content-encoding"] == "gzip"
    assert gzip.decompress(told.content) == (PAGE / name).read_bytes()


def test_the_page_asks_no_other_host() -> None:
    for name in FILES:
        if Path(name).suffix in (".html", ".css"):
            text = (PAGE / name).read_text("utf-8")
            assert re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""", text) == []
