"""Written programs kept on disk: what was written in C for some sizes is not written again.

Lowering a large derivative takes longer than loading it. An entry goes by the whole task, its
sizes and options, and by the source of this package, so that no other program's text, and no
older version's, is ever taken for it.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache as once
from pathlib import Path
from typing import Any

from gradform.codegen.task import Task
from gradform.codegen.text.tasks import task_text
from gradform.execute.native.cache import cache, key_of
from gradform.execute.native.compiler import compiler
from gradform.execute.native.signature import Signature
from gradform.execute.options import Options
from gradform.records import as_dict, record

__all__ = ["Written", "agreed", "keep_agreement", "key", "written"]

_FILE = "written"
_AGREED = "-agreed"
_PACKAGE = Path(__file__).parents[2]


@record
class Written:
    """A C module, the entry that is called, and what that takes and gives."""

    source: str
    entry: str
    signature: Signature


def key(task: Task, options: Options, sizes: Mapping[str, int]) -> str:
    """The name of what is kept of a task for certain sizes."""
    asked = (task_text(task), repr(options), repr(sorted(sizes.items())))
    return key_of("written", compiler().identity, sys.version, _own_source(), *asked)


def written(key: str, write: Callable[[], Written | None]) -> Written | None:
    """What ``write`` returned for this key once, in this or an earlier process."""
    place = cache().entry(key, lambda directory: _keep(directory / _FILE, write()))
    found = marshal.loads((place / _FILE).read_bytes())
    if found is None:
        return None
    source, entry, facts = found
    return Written(source, entry, Signature(**facts))


def agreed(key: str) -> bool:
    """Whether the code of a key was once found to agree with NumPy code."""
    return cache().find(f"{key}{_AGREED}") is not None


def keep_agreement(key: str) -> None:
    """Note that it does."""
    cache().entry(f"{key}{_AGREED}", lambda directory: None)


def _keep(file: Path, found: Written | None) -> None:
    plain: Any = found and (found.source, found.entry, as_dict(found.signature))
    file.write_bytes(marshal.dumps(plain))


@once
def _own_source() -> str:
    """Names, sizes and times of the files of this package."""
    return "\n".join(sorted(_files(str(_PACKAGE))))


def _files(directory: str) -> Iterator[str]:
    with os.scandir(directory) as items:
        for item in items:
            if item.is_dir():
                yield from () if item.name == "__pycache__" else _files(item.path)
            elif item.name.endswith((".py", ".c")):
                found = item.stat()
                yield f"{item.path} {found.st_size} {found.st_mtime_ns}"
