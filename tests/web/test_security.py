"""Who may ask, what is refused before anything is read, and what browsers are told."""

from __future__ import annotations

import socket
import time

import pytest

from tests.web.serving import Server

QUESTION = {"formula": "x'*A*x"}
PATHS = ("/", "/api/v1/health", "/api/v1/vocabulary", "/nothing", "/static/index.html")


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_headers(server: Server, path: str) -> None:
    headers = server.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    for part in ("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers


def test_no_answer_may_be_read_by_other_pages(server: Server) -> None:
    assert "access-control-allow-origin" not in server.ask("derivative", QUESTION).headers


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:1234", "127.0.0.1:80", "[::1]:80", "192.168.1.5", "Example.ORG:80"],
)
def test_known_hosts(server: Server, host: str) -> None:
    assert server.get("/api/v1/health", Host=host).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[evil]"]
)
def test_other_hosts_are_refused(server: Server, host: str) -> None:
    told = server.get("/api/v1/health", Host=host)
    assert (told.status, told.json["error"]["kind"]) == (403, "host")


def test_own_pages_may_ask(server: Server) -> None:
    own = {"Host": f"localhost:{server.port}", "Origin": f"http://localhost:{server.port}"}
    assert server.ask("derivative", QUESTION, own).status == 200
    assert server.ask("derivative", QUESTION, {"Sec-Fetch-Site": "same-origin"}).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    ],
)
def test_other_pages_may_not(server: Server, headers: dict[str, str]) -> None:
    told = server.ask("derivative", QUESTION, {"Host": f"localhost:{server.port}", **headers})
    assert (told.status, told.json["error"]["kind"]) == (403, "origin")


def test_a_link_from_elsewhere_opens_the_page(server: Server) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert server.send("GET", "/", None, headers).status == 200


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application"],
)
def test_only_json_is_read(server: Server, kind: str) -> None:
    told = server.ask("derivative", QUESTION, {"Content-Type": kind})
    assert (told.status, told.json["error"]["kind"]) == (415, "content_type")


def test_json_with_a_charset_is_json(server: Server) -> None:
    headers = {"Content-Type": 'Application/JSON; charset="UTF-8"'}
    assert server.ask("derivative", QUESTION, headers).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"3", b'"x"', b"\xff", b'{"formula": NaN}', b"[" * 9_000,
        b'{"formula": 1e999}', b'{"formula": "\\ud800"}', b'{"formula": "x", "more": 1}',
        b'{"formula": "x", "order": true}', b'{"formula": "x", "order": ' + b"9" * 5_000 + b"}",
        b'{"formula": "x", "layout": "ML"}', b'{"formula": "x", "variables": {"x": {}}}',
        b'{"formula": "x", "variables": {"x": {"shape": [0]}}}',
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(server: Server, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    told = server.send("POST", "/api/v1/derivative", body, headers)
    assert told.status == 400
    assert told.json["error"]["kind"] in ("bad_json", "bad_field")


def test_large_bodies_are_refused(server: Server) -> None:
    told = server.ask("derivative", {"formula": "x" * 20_000})
    assert (told.status, told.json["error"]["kind"]) == (413, "too_large")


def test_a_large_body_is_refused_before_it_is_sent(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        line.sendall(
            b"POST /api/v1/derivative HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 999999999\r\n\r\n"
        )
        assert line.recv(100).startswith(b"HTTP/1.1 413")


def test_numbers_may_be_more(server: Server) -> None:
    values = {"x": [0.123456789] * 3_000}
    told = server.ask("evaluate", {"formula": "sum(x)", "values": values})
    assert told.json["error"]["kind"] == "too_long"  # limits, of which it would take 3,000


def test_half_a_request_is_closed(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=15) as line:
        line.sendall(b"POST /api/v1/derivative HTTP/1.1\r\nHost: loc")
        begun = time.monotonic()
        assert line.recv(100) == b""
        assert 2 < time.monotonic() - begun < 12


def test_half_a_body_is_refused(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=15) as line:
        line.sendall(
            b"POST /api/v1/derivative HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{"
        )
        assert line.recv(100).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/v1/derivative"), ("POST", "/"), ("PUT", "/api/v1/code"), ("OPTIONS", "/")],
)
def test_other_methods(server: Server, method: str, path: str) -> None:
    told = server.send(method, path)
    assert told.status == 405
    assert told.headers["allow"]


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/", "/x"]
)
def test_nothing_else_of_the_disk(server: Server, path: str) -> None:
    assert server.get(path).status == 404


def test_refusals_in_the_language_of_the_browser(server: Server) -> None:
    told = server.get("/nothing", Accept_Language="zh-CN,zh;q=0.9,en;q=0.8")
    assert told.json["error"]["message"] == "此地址没有内容。"
    told = server.ask("derivative", {"formula": "x", "more": 1, "language": "zh"})
    assert "没有字段" in told.json["error"]["message"]
