"""What is kept on disk: whole, ours alone, of bounded size; and what happens when it cannot be."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gradform.errors import CannotError
from gradform.execute.native import cache as module
from gradform.execute.native.cache import Cache, cache, key_of
from gradform.execute.native.files import fresh_directory
from gradform.execute.native.library import load

Build = Callable[[Path], None]


def writes(text: str, log: list[str] | None = None) -> Build:
    def build(directory: Path) -> None:
        (directory / "file").write_text(text)
        if log is not None:
            log.append(text)

    return build


def never(directory: Path) -> None:
    raise AssertionError("built again")


def test_keys_tell_parts_apart() -> None:
    assert len({key_of("ab", "c"), key_of("a", "bc"), key_of("abc"), key_of("abc", "")}) == 4


def test_an_entry_is_built_once(tmp_path: Path) -> None:
    kept = Cache(tmp_path)
    place = kept.entry("key", writes("text"))
    assert (place / "file").read_text() == "text"
    assert Cache(tmp_path).entry("key", never) == place
    assert sorted(item.name for item in tmp_path.iterdir()) == ["key"]


@pytest.mark.parametrize("damage", ["", "tex", "textt", "TEXT", None])
def test_a_damaged_entry_is_built_anew(tmp_path: Path, damage: str | None) -> None:
    kept = Cache(tmp_path)
    file = kept.entry("key", writes("text")) / "file"
    if damage is None:
        file.unlink()
    else:
        file.write_text(damage)
    log: list[str] = []
    assert (kept.entry("key", writes("text", log)) / "file").read_text() == "text"
    assert log == ["text"]
    assert sorted(item.name for item in tmp_path.iterdir()) == ["key"]


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        Cache(tmp_path).entry("key", never)
    assert not list(tmp_path.iterdir())


def test_the_directory_is_private(tmp_path: Path) -> None:
    kept = Cache(tmp_path / "a" / "b")
    assert kept.kept
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_a_directory_that_others_can_write_is_refused(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.warns(RuntimeWarning, match="other users can write"):
        kept = Cache(shared)
    kept.entry("key", writes("text"))
    assert not kept.kept
    assert not list(shared.iterdir())


def test_a_directory_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    with pytest.warns(RuntimeWarning, match="other users"):
        assert not Cache(tmp_path).kept


@pytest.mark.parametrize("place", ["/proc/gradform", "/dev/null/gradform", "relative"])
def test_places_that_cannot_be_made(place: str) -> None:
    kept = Cache(Path(place))
    assert not kept.kept
    assert (kept.entry("key", writes("text")) / "file").read_text() == "text"


def test_a_directory_that_is_read_only_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there is used; what is new lives in a temporary directory."""
    there = Cache(tmp_path).entry("old", writes("old"))
    make = fresh_directory

    def refused(parent: Path, prefix: str) -> Path:
        if parent == tmp_path:
            raise PermissionError
        return make(parent, prefix)

    monkeypatch.setattr(module, "fresh_directory", refused)
    kept = Cache(tmp_path)
    assert kept.entry("old", never) == there
    new = kept.entry("new", writes("new"))
    assert tmp_path not in new.parents
    assert kept.entry("new", never) == new
    assert kept.entry("old", never) == there


def test_a_full_disk(tmp_path: Path) -> None:
    """What does not fit goes to a temporary directory; when that is full too, the error says so."""
    places: list[Path] = []

    def build(directory: Path) -> None:
        places.append(directory)
        if len(places) != 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    kept = Cache(tmp_path)
    assert tmp_path not in kept.entry("key", build).parents
    assert tmp_path in places[0].parents
    with pytest.raises(CannotError, match="No space left") as caught:
        kept.entry("other", build)
    assert "GRADFORM_CACHE" in str(caught.value)


def test_the_size_is_bounded(tmp_path: Path) -> None:
    """The entries that were used last stay."""
    kept = Cache(tmp_path, limit=6000, seldom=1)
    now = time.time()
    for k in range(4):
        place = kept.entry(f"key{k}", writes("x" * 1000))
        os.utime(place, (now - 100 + k, now - 100 + k))
    kept.entry("key0", never)
    kept.entry("large", writes("x" * 2000))
    assert sorted(item.name for item in tmp_path.iterdir()) == ["key0", "key3", "large"]


def test_what_was_abandoned_is_removed(tmp_path: Path) -> None:
    for name, age in ((".new-old", 7200.0), (".new-young", 60.0)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    Cache(tmp_path, seldom=1).entry("key", writes("text"))
    assert sorted(item.name for item in tmp_path.iterdir()) == [".new-young", "key"]


def test_the_size_is_seen_to_now_and_then(tmp_path: Path) -> None:
    """Many small entries never pass the limit by more than a few of them."""
    kept = Cache(tmp_path, limit=60_000)
    most = 0
    for k in range(300):
        kept.entry(f"key{k}", writes("x" * 1000))
        most = max(most, len(list(tmp_path.iterdir())))
    assert 55 < most < 150


def test_the_environment_names_the_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADFORM_CACHE", str(tmp_path / "own"))
    assert cache().roots == [tmp_path / "own"]
    monkeypatch.delenv("GRADFORM_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache().roots == [tmp_path / "xdg" / "gradform"]
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache().roots == [tmp_path / "home" / ".cache" / "gradform"]


PROGRAM = """
import sys
from gradform.execute.native import compiler, library
from gradform.execute.native.process import run as original
count = []
def counted(*arguments):
    count.append(arguments)
    return original(*arguments)
compiler.run = counted
import ctypes
found = library.load("int f(void) { return 42; }")
print(ctypes.CFUNCTYPE(ctypes.c_int)(found.address("f"))(), len(count))
"""


def process(directory: Path) -> subprocess.Popen[str]:
    environment = os.environ | {
        "GRADFORM_CACHE": str(directory),
        "PYTHONPATH": os.pathsep.join(map(str, sys.path)),
    }
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, text=True
    )


def test_processes_share_what_they_compile(tmp_path: Path) -> None:
    """Two at once both succeed, and a later one compiles nothing."""
    at_once = [process(tmp_path) for _ in range(2)]
    assert [each.communicate()[0].split()[0] for each in at_once] == ["42", "42"]
    later = process(tmp_path)
    assert later.communicate()[0].split() == ["42", "0"]
    assert not [item for item in tmp_path.iterdir() if item.name.startswith(".")]


def test_a_library_that_does_not_load_is_built_anew(tmp_path: Path) -> None:
    """A whole file of another machine, say."""
    source = "int only_here(void) { return 7; }\n"
    first = load(source)
    entry = first.path.parent
    first.path.unlink()
    first.path.write_bytes(b"not a library")
    (entry / "sum").write_text(module._sum(entry))
    later = process_that_loads(source, entry.parent)
    assert later == "7"


def process_that_loads(source: str, directory: Path) -> str:
    program = (
        "import ctypes\nfrom gradform.execute.native.library import load\n"
        f"found = load({source!r})\n"
        "print(ctypes.CFUNCTYPE(ctypes.c_int)(found.address('only_here'))())\n"
    )
    environment = os.environ | {
        "GRADFORM_CACHE": str(directory),
        "PYTHONPATH": os.pathsep.join(map(str, sys.path)),
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
