"""Generated source as a callable."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from itertools import count
from typing import Any

__all__ = ["compile_source"]

_serial = count(1)


def compile_source(source: str, name: str) -> Callable[..., Any]:
    """The function ``name`` that generated source defines.

    Only for text that :func:`gradform.codegen.generate` returned: it is executed. NumPy is
    imported by the source itself. Tracebacks show its lines.
    """
    filename = f"<gradform {name} {next(_serial)}>"
    namespace: dict[str, Any] = {"__name__": filename}
    exec(compile(source, filename, "exec"), namespace)
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    # PyTorch's compiler looks for the globals of a named module where modules are imported.
    del namespace["__name__"]
    function: Callable[..., Any] = namespace[name]
    return function
