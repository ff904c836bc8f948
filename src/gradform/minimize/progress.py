"""One line on the standard error that says how far a run is."""

from __future__ import annotations

import sys
import time

from gradform.language import say
from gradform.minimize.methods.step import State

__all__ = ["Progress"]

_SECONDS = 0.1


class Progress:
    """Written over on a terminal; elsewhere, where asked for, a line each time."""

    def __init__(self, wanted: bool | None, method: str) -> None:
        self._terminal = sys.stderr.isatty()
        self._shown = self._terminal if wanted is None else wanted
        self._method = method
        self._begun = time.monotonic()
        self._last = -_SECONDS
        self._width = 0

    def tell(self, state: State) -> None:
        now = time.monotonic() - self._begun
        if self._shown and now - self._last >= _SECONDS:
            self._last = now
            self._write(state, now)

    def end(self, state: State) -> None:
        """The last line, which stays."""
        if self._shown:
            self._write(state, time.monotonic() - self._begun)
            if self._terminal:
                sys.stderr.write("\n")

    def _write(self, state: State, seconds: float) -> None:
        line = say(
            "{method}  iteration {iteration}  value {value:.10g}  gradient {gradient:.2e}  "
            "{seconds:.1f} s",
            method=self._method,
            iteration=state.iterations,
            value=state.value,
            gradient=state.gradient_norm,
            seconds=seconds,
        ).told()
        self._width = max(self._width, len(line))
        if self._terminal:
            sys.stderr.write("\r" + line.ljust(self._width))
        else:
            sys.stderr.write(line + "\n")
        sys.stderr.flush()
