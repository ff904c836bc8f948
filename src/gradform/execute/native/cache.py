"""Built files kept on disk between processes: each entry is a directory, whole or absent.

An entry is built beside its place and renamed into it, so that no process ever sees half of
one; of two processes that build the same entry, the first to finish wins. A sum over every
file tells an entry that was damaged, and it is built anew.
"""

from __future__ import annotations

import os
import time
import warnings
from atexit import register
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from zlib import crc32

from gradform.errors import CannotError
from gradform.execute.native.files import fresh_directory, remove, temporary_directory
from gradform.language import say

__all__ = ["Cache", "cache", "key_of"]

_LIMIT = 256 * 2**20
_KEPT = 0.8  # of the limit, once it was passed
# Looking at all entries takes longer the more there are: one new entry in so many sees to it.
_SELDOM = 16
_ABANDONED = 3600.0  # seconds after which an unfinished entry is removed
_SUM = "sum"


class Build(Protocol):
    """Writes the files of an entry into an empty directory."""

    def __call__(self, directory: Path, /) -> None: ...


def key_of(*parts: str) -> str:
    """A name for what was built from these texts."""
    found = sha256()
    for part in parts:
        data = part.encode()
        found.update(len(data).to_bytes(8, "little"))
        found.update(data)
    return found.hexdigest()[:40]


class Cache:
    """Entries by key in one directory.

    The directory is ours alone: it holds code that is executed. Where others could write, or
    nothing can be written, entries live in a temporary directory that ends with the process;
    ``kept`` tells whether they stay.
    """

    def __init__(self, wanted: Path, limit: int = _LIMIT, seldom: int = _SELDOM) -> None:
        self.limit = limit
        self.seldom = seldom
        self.kept = _usable(wanted)
        self.roots = [wanted] if self.kept else [_temporary()]

    def entry(self, key: str, build: Build) -> Path:
        """The directory of the entry, built when it is missing or damaged."""
        return self.find(key) or self._built(key, build)

    def has(self, key: str) -> bool:
        """Whether there is an entry, which may be damaged."""
        return any((root / key).exists() for root in self.roots)

    def find(self, key: str) -> Path | None:
        """The directory of a whole entry; None when there is none. A damaged one is removed."""
        for root in self.roots:
            place = root / key
            if _is_whole(place):
                _touch(place)
                return place
            if place.exists():
                _discard(place)
        return None

    def discard(self, key: str) -> None:
        """Remove an entry."""
        for root in self.roots:
            _discard(root / key)

    def _built(self, key: str, build: Build) -> Path:
        """In the last place; in a temporary one where that is read only, full or gone."""
        try:
            return self._built_in(self.roots[-1], key, build)
        except OSError as error:
            if not self.kept:
                raise _no_place(error) from None
        self.roots.append(_temporary())
        self.kept = False
        return self._built(key, build)

    def _built_in(self, root: Path, key: str, build: Build) -> Path:
        work = fresh_directory(root, ".new-")
        try:
            build(work)
            (work / _SUM).write_text(_sum(work))
            place = _placed(work, root / key)
        except BaseException:  # an interrupted build leaves nothing behind either
            remove(work)
            raise
        if crc32(key.encode()) % self.seldom == 0:
            self._bound(root)
        return place

    def _bound(self, root: Path) -> None:
        """Keep the size under the limit: entries that were not used for longest go first."""
        entries: list[tuple[float, int, str]] = []
        now = time.time()
        for item in _listed(root):
            if not item.name.startswith("."):
                entries.append((_modified(item), _size(item), item.name))
            elif now - _modified(item) > _ABANDONED:
                remove(Path(item.path))
        total = sum(size for _, size, _ in entries)
        if total <= self.limit:
            return
        for _, size, name in sorted(entries):
            _discard(root / name)
            total -= size
            if total <= self.limit * _KEPT:
                return


_caches: dict[Path, Cache] = {}


def cache() -> Cache:
    """The cache of this process's environment: GRADFORM_CACHE, XDG_CACHE_HOME or ~/.cache."""
    wanted = _wanted()
    found = _caches.get(wanted)
    if found is None:
        found = _caches.setdefault(wanted, Cache(wanted))
    return found


def _wanted() -> Path:
    own = os.environ.get("GRADFORM_CACHE")
    if own:
        return Path(own).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    if base and os.path.isabs(base):
        return Path(base) / "gradform"
    return Path(os.path.expanduser("~")) / ".cache" / "gradform"


# ---------------------------------------------------------------- the directory


def _usable(directory: Path) -> bool:
    """Whether the directory is there, or could be made, and nobody else can write to it."""
    if not directory.is_absolute():  # no home directory is known
        return False
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        private = _is_private(directory)
    except OSError:
        return False
    if not private:
        warnings.warn(
            say(
                "Compiled programs are not kept in {directory}: other users can write there. "
                "Take that right away (chmod 700), or set GRADFORM_CACHE.",
                directory=directory,
            ).told(),
            RuntimeWarning,
            stacklevel=2,
        )
    return private


def _is_private(directory: Path) -> bool:
    if not hasattr(os, "geteuid"):
        return True
    found = os.stat(directory)
    return found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _temporary() -> Path:
    try:
        directory = temporary_directory()
    except OSError as error:
        raise _no_place(error) from None
    owner = os.getpid()

    def end() -> None:
        if os.getpid() == owner:  # a fork leaves its parent's files alone
            remove(directory)

    register(end)
    return directory


def _no_place(error: OSError) -> CannotError:
    return CannotError(
        say("There is no place for compiled programs: {reason}.", reason=error.strerror or error),
        kind="no_directory",
        hint=say("name a directory of your own by the environment variable GRADFORM_CACHE"),
    )


# ---------------------------------------------------------------- entries


def _is_whole(place: Path) -> bool:
    try:
        return (place / _SUM).read_text() == _sum(place)
    except (OSError, UnicodeDecodeError):
        return False


def _discard(place: Path) -> None:
    """Remove an entry: moved away first, so that nobody finds half of it."""
    try:
        aside = fresh_directory(place.parent, ".old-")
        os.rename(place, aside / place.name)
        remove(aside)
    except OSError:
        remove(place)


def _placed(work: Path, place: Path) -> Path:
    """Move a finished entry to its place, unless another process was first."""
    try:
        os.rename(work, place)
    except OSError:
        if not place.is_dir():
            raise
        remove(work)
    return place


def _sum(directory: Path) -> str:
    """A digest over names and contents of the files of an entry."""
    found = sha256()
    for name in sorted(os.listdir(directory)):
        if name != _SUM:
            found.update(f"{name}\0".encode())
            found.update(sha256((directory / name).read_bytes()).digest())
    return found.hexdigest()


def _touch(directory: Path) -> None:
    """Note the use of an entry; in a directory that cannot be written, nothing is removed."""
    try:
        os.utime(directory)
    except OSError:
        return


def _listed(directory: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as items:
            return [item for item in items if item.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def _modified(item: os.DirEntry[str]) -> float:
    try:
        return item.stat(follow_symlinks=False).st_mtime
    except OSError:
        return 0.0


def _size(item: os.DirEntry[str]) -> int:
    try:
        with os.scandir(item.path) as files:
            return sum(file.stat(follow_symlinks=False).st_size for file in files)
    except OSError:
        return 0
