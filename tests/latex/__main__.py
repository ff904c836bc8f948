"""Compile everything: all pieces in KaTeX with errors on, 200 of them in one document."""

from __future__ import annotations

import sys

from tests import katex
from tests.latex import pdflatex
from tests.latex.written import all_latex


def main() -> int:
    """Print what was compiled and what failed; the exit status is 1 for failures."""
    pieces = all_latex()
    refused = katex.failures(pieces)
    print(f"KaTeX: {len(pieces)} pieces, {len(refused)} refused")
    for failure in refused:
        print(f"  {failure.error}\n    {failure.formula}")
    some = pieces[:: max(1, len(pieces) // 200)][:200]
    found = pdflatex.complaint(some)
    print(f"pdfLaTeX: one document of {len(some)}: {found or 'compiled'}")
    return int(bool(refused or found))


if __name__ == "__main__":
    sys.exit(main())
