"""The C compiler of this machine: found once, its abilities proved by compiling and running.

What is found is kept on disk, so that a later process asks nothing of the compiler.
"""

from __future__ import annotations

import os
import platform
import shlex
from collections.abc import Sequence
from pathlib import Path

from gradform.errors import CannotError
from gradform.execute.native.cache import cache, key_of
from gradform.execute.native.files import fresh_directory, program, remove
from gradform.execute.native.probe import NoCompilerError, probe, vector_prototypes
from gradform.execute.native.process import run
from gradform.language import say
from gradform.records import as_dict, record
from gradform.version import __version__

__all__ = ["Compiler", "build", "compiler", "located"]

_NAMES = ("cc", "gcc", "clang")
_FACTS = "compiler"

# Values change: sums are reordered, NaN, infinities and signed zeros are taken not to occur. Each
# flag is named, since -ffast-math would also make the whole process flush subnormal numbers.
_FAST_MATH = (
    "-fno-signed-zeros",
    "-fassociative-math",
    "-freciprocal-math",
    "-ffinite-math-only",
)


@record
class Compiler:
    """A C compiler and what it can do here.

    command         the program with the words that always follow it
    version         what it says of itself
    flags           of every module: optimisation that keeps the meaning of NaN and infinity
    openmp          flags of a module with threads; empty where OpenMP does not work
    libraries       what modules are linked with
    vector_math     functions of <math.h>, of doubles and floats, that a loop computes several of
                    at once, with libm's values at NaN, infinities and zeros
    identity        differs when the compiler or the machine does
    """

    command: tuple[str, ...]
    version: str
    flags: tuple[str, ...]
    openmp: tuple[str, ...]
    libraries: tuple[str, ...]
    vector_math: tuple[str, ...]
    identity: str

    @property
    def has_openmp(self) -> bool:
        return bool(self.openmp)

    @property
    def has_vector_math(self) -> bool:
        return bool(self.vector_math)

    @property
    def prototypes(self) -> str:
        """C declarations of the functions of ``vector_math``; they follow <math.h>."""
        return vector_prototypes(self.vector_math)

    def module_flags(self, *, threads: bool = False, fast_math: bool = False) -> tuple[str, ...]:
        """The flags of a shared library."""
        return (
            *self.flags,
            *(self.openmp if threads else ()),
            *(_FAST_MATH if fast_math else ()),
            *("-shared", "-fPIC", "-w"),
        )

    def build(self, source: Path, target: str, flags: Sequence[str]) -> None:
        """Compile a file beside itself. Raises CannotError with what the compiler says."""
        build(self.command, source, target, (*flags, *self.libraries))


def build(command: Sequence[str], source: Path, target: str, flags: Sequence[str]) -> None:
    """Compile a file beside itself. Raises CannotError with what the compiler says."""
    outcome = run([*command, source.name, "-o", target, *flags], source.parent)
    if not outcome.succeeded:
        raise CannotError(
            say(
                "{command} did not compile {name}: {complaint}",
                command=command[0],
                name=source.name,
                complaint=outcome.complaint,
            ),
            kind="compiler",
            hint=say("use backend='numpy', or another compiler by the environment variable CC"),
        )


_known: dict[tuple[str | None, ...], Compiler] = {}


def compiler() -> Compiler:
    """The compiler that CC names, or else cc, gcc or clang.

    Raises CannotError of kind "no_compiler" when there is none, or it builds no program.
    """
    environment = tuple(map(os.environ.get, ("CC", "PATH", "GRADFORM_CACHE", "XDG_CACHE_HOME")))
    found = _known.get(environment)
    if found is None:
        command, identity = located()
        place = cache().entry(
            identity, lambda directory: _write(directory, _probed(command, identity, directory))
        )
        found = _known.setdefault(environment, _read(place))
    return found


def located() -> tuple[tuple[str, ...], str]:
    """The command of the compiler and its identity; nothing is run for them."""
    command = _command()
    return command, _identity(command)


def _command() -> tuple[str, ...]:
    try:
        words = shlex.split(os.environ.get("CC", ""))
    except ValueError as error:
        raise _missing(
            say("The environment variable CC is not a command: {error}", error=error)
        ) from None
    if words:
        if program(words[0]) is None:
            raise _missing(say("There is no C compiler '{word}', which CC names", word=words[0]))
        return tuple(words)
    for name in _NAMES:
        if program(name) is not None:
            return (name,)
    raise _missing(say("There is no C compiler here"))


def _missing(what: str) -> CannotError:
    return CannotError(
        say("{what}.", what=what),
        kind="no_compiler",
        hint=say(
            "install one (Debian, Ubuntu: apt install gcc libc6-dev; Fedora: dnf install "
            "gcc; macOS: xcode-select --install), or name one by the environment variable "
            "CC"
        ),
    )


# ---------------------------------------------------------------- what is known of a compiler


def _identity(command: Sequence[str]) -> str:
    """The files behind the command, with their times, and the machine that code is made for."""
    parts = [__version__, _FACTS, *Compiler.__match_args__, *command]
    for word in command:
        path = program(word)
        if path is not None:
            found = path.stat()
            parts += [os.path.realpath(path), str(found.st_mtime_ns), str(found.st_size)]
    return key_of(*parts, platform.system(), platform.machine(), _processor())


def _processor() -> str:
    """The instructions that this processor knows."""
    try:
        with open("/proc/cpuinfo", "rb") as file:
            first = file.read(16384).split(b"\n\n")[0].decode(errors="replace")
    except OSError:
        return platform.processor()
    telling = ("flags", "features", "cpu part", "model name")
    return "\n".join(line for line in first.splitlines() if line.lower().startswith(telling))


def _probed(command: tuple[str, ...], identity: str, directory: Path) -> Compiler:
    """What programs tell that run in a directory of our own: others may not execute any."""
    place = fresh_directory(directory, "probe-")
    try:
        able = probe(command, place)
    except NoCompilerError as error:
        raise _missing(
            say(
                "The C compiler '{command}' builds no program: {error}",
                command=command[0],
                error=error,
            )
        ) from None
    finally:
        remove(place)
    return Compiler(command=command, identity=identity, **as_dict(able))


def _write(directory: Path, found: Compiler) -> None:
    """A line for each field: its name and its words, between tabulators."""
    lines = []
    for name, fact in as_dict(found).items():
        lines.append("\t".join((name, *((fact,) if isinstance(fact, str) else fact))))
    (directory / _FACTS).write_text("\n".join(lines))


def _read(directory: Path) -> Compiler:
    rows = (line.split("\t") for line in (directory / _FACTS).read_text().split("\n"))
    facts = {name: tuple(words) for name, *words in rows}
    return Compiler(
        command=facts["command"],
        version=facts["version"][0],
        flags=facts["flags"],
        openmp=facts["openmp"],
        libraries=facts["libraries"],
        vector_math=facts["vector_math"],
        identity=facts["identity"][0],
    )
