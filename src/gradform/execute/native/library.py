"""C text as code in this process: compiled when it is new, taken from the disk otherwise."""

from __future__ import annotations

import ctypes
from pathlib import Path

from gradform.errors import CannotError
from gradform.execute.native.blas import names_in, table
from gradform.execute.native.cache import cache, key_of
from gradform.execute.native.compiler import Compiler, compiler
from gradform.language import say
from gradform.version import __version__

__all__ = ["Library", "load"]

_SOURCE = "module.c"
_TARGET = "module.so"


class Library:
    """A loaded shared library. It stays loaded as long as the process lives.

    path        of the file
    table       address of the routines it calls; pass it as ``lib``
    """

    def __init__(self, path: Path, table: int) -> None:
        self.path = path
        self.table = table
        self._handle = ctypes.CDLL(str(path))

    def address(self, name: str) -> int:
        """Where a function of the library is. Raises AttributeError for a name it lacks."""
        return ctypes.cast(getattr(self._handle, name), ctypes.c_void_p).value or 0


_loaded: dict[str, Library] = {}


def load(source: str, *, threads: bool = False, fast_math: bool = False) -> Library:
    """The library of a C text; texts that were loaded before are not compiled again.

    threads     compile with OpenMP, where the compiler has it
    fast_math   let the compiler change values as if there were no rounding, NaN or Inf

    Raises CannotError without a compiler, and when the text does not compile.
    """
    using = compiler()
    flags = using.module_flags(threads=threads, fast_math=fast_math)
    key = key_of(__version__, using.identity, *flags, *using.libraries, source)
    found = _loaded.get(key)
    if found is None:
        found = _loaded.setdefault(key, _opened(key, source, using, flags))
    return found


def _opened(key: str, source: str, using: Compiler, flags: tuple[str, ...]) -> Library:
    """From disk, or built there; a whole file that does not load is built once more."""

    def build(directory: Path) -> None:
        (directory / _SOURCE).write_text(source)
        using.build(directory / _SOURCE, _TARGET, flags)

    routines = table(names_in(source))
    try:
        return Library(cache().entry(key, build) / _TARGET, routines)
    except OSError:
        cache().discard(key)
    try:
        return Library(cache().entry(key, build) / _TARGET, routines)
    except OSError as error:
        raise CannotError(
            say("Compiled code does not load: {error}.", error=error),
            kind="compiler",
            hint=say("use backend='numpy', or another compiler by the environment variable CC"),
        ) from None
