"""One document of many formulas, compiled by pdfLaTeX with the stock article class."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

__all__ = ["complaint", "is_available"]

_PREAMBLE = r"""\documentclass{article}
\usepackage{amsmath,amssymb}
\begin{document}
"""


def is_available() -> bool:
    """Whether pdfLaTeX is on this machine (Debian: texlive-latex-base)."""
    return shutil.which("pdflatex") is not None


def complaint(formulas: Sequence[str]) -> str | None:
    """The error of a document of these displayed formulas; None when it compiles."""
    body = "\n".join(rf"\[ {formula} \]" for formula in formulas)
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "formulas.tex")
        document.write_text(f"{_PREAMBLE}{body}\n\\end{{document}}\n", encoding="utf-8")
        ran = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", document.name],
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=300,
            check=False,
        )
        made = document.with_suffix(".pdf").exists()
    if ran.returncode == 0 and made:
        return None
    begins = ran.stdout.find("\n!")
    return ran.stdout[begins : begins + 1000] if begins >= 0 else ran.stdout[-1000:]
