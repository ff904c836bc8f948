"""The graphs and plots of the page on pictures.

``python -m docs.extension.plots`` writes them beside the page, so that they are seen in the
repository as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import gradform as gf

__all__ = ["FOLDER", "pictures"]

FOLDER = Path(__file__).parents[1] / "pictures"


def _network() -> str:
    shapes = {"W": ("k", "n"), "b": ("k",), "V": ("m", "k"), "x": ("n",), "c": ()}
    loss = gf.parse("logsumexp(V*tanh(W*x + b)) + c*x'*x", shapes=shapes)
    return loss.derivative("x").graph.svg(path=1)


def _quotients() -> str:
    return gf.derivative("x^3 - 3*x", "x", shapes={"x": ()}).plot(at=1.5).svg()


def _kink() -> str:
    return gf.derivative("abs(x - 1) + x^2/4", "x", shapes={"x": ()}).plot(at=1).svg()


def _breaks() -> str:
    return gf.parse("floor(x) + 1/(x - 2)", shapes={"x": ()}).plot().svg()


def _contours() -> str:
    saddle = gf.parse("x(1)^2*x(2) - x(2)^3/3 + 1.5*x'*x", shapes={"x": (2,)})
    return saddle.plot(at=(1, 1)).svg()


_MADE: dict[str, Callable[[], str]] = {
    "network": _network,
    "quotients": _quotients,
    "kink": _kink,
    "breaks": _breaks,
    "contours": _contours,
}


def pictures() -> Iterator[tuple[Path, str]]:
    """Each file and what is in it."""
    for name, make in _MADE.items():
        yield FOLDER / f"{name}.svg", make()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, svg in pictures():
        file.write_text(svg, encoding="utf-8")
