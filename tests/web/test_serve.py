"""The command: where it is, how it ends, what it says when it cannot start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gradform.cli import main as command
from tests.web.serving import SOURCE, Server, serving, start

QUESTION = {"formula": "x'*A*x"}


def test_it_says_where_it_is_and_answers_there() -> None:
    process = start("--port", "0")
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        port = int(line.partition("127.0.0.1:")[2].partition("/")[0])
        assert Server(port, process).ask("derivative", QUESTION).status == 200
    finally:
        process.terminate()
        process.communicate(timeout=20)


@contextmanager
def _heeding_the_terminal() -> Iterator[None]:
    """Tests may run under nohup themselves, which processes that they start inherit."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(
    "by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda by: by.name
)
def test_it_ends_quietly_and_leaves_nothing_behind(by: signal.Signals) -> None:
    with _heeding_the_terminal(), serving() as server:
        assert server.ask("derivative", QUESTION).status == 200
        family = _family(server.process.pid)
        assert len(family) >= 3  # itself, the warm process, a worker
        if by is signal.SIGINT:
            os.killpg(server.process.pid, by)  # as a terminal does
        else:
            server.process.send_signal(by)
        _, errors = server.process.communicate(timeout=20)
        assert errors == ""
        for _ in range(200):
            if not any(map(_lives, family)):
                return
            time.sleep(0.05)
        raise AssertionError([process for process in family if _lives(process)])


def test_with_nohup_it_outlives_the_terminal() -> None:
    ignored = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with serving() as server:
            server.process.send_signal(signal.SIGHUP)
            time.sleep(0.3)
            assert server.ask("derivative", QUESTION).status == 200
    finally:
        signal.signal(signal.SIGHUP, ignored)


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start("--port", str(taken.getsockname()[1]))
        out, errors = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert errors.startswith("error: Cannot listen at 127.0.0.1, port ")
    assert "--port" in errors.split("hint:")[1]


def test_a_port_that_is_none() -> None:
    process = start("--port", "99999")
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert errors.startswith("error: Cannot listen at 127.0.0.1, port 99999")


def test_workers_that_cannot_be() -> None:
    process = start("--workers", "-1")
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (2, "error: There cannot be -1 workers.\n")


def test_the_process_that_talks_to_clients_reads_no_formulas() -> None:
    code = "import sys, gradform.web.serve; print(*sys.modules)"
    process = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    loaded = process.stdout.split()
    assert "gradform.web.workers.pool" in loaded
    assert "numpy" not in loaded
    assert "gradform.web.answers" not in loaded


def test_without_the_packages_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> object:
        raise ModuleNotFoundError(f"No module named {name}", name="starlette")

    monkeypatch.setattr(command, "import_module", missing)
    assert command.main(["serve"]) == 1
    told = capsys.readouterr().err
    assert "starlette" in told
    assert "pip install 'gradform[web]'" in told


def test_nothing_of_the_server_is_loaded_with_the_library() -> None:
    code = "import sys, gradform, gradform.cli.main; print(*sys.modules)"
    process = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    servers = ("gradform.web", "starlette", "uvicorn")
    assert not [name for name in process.stdout.split() if name.startswith(servers)]


def _family(process: int) -> list[int]:
    found = [process]
    for each in found:
        children = Path(f"/proc/{each}/task/{each}/children").read_text()
        found += map(int, children.split())
    return found


def _lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
