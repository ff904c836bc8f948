"""A derivation as a list of steps, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any

from gradform.derive.derivation.math import Math, plain
from gradform.derive.derivation.words import in_latex, in_notation
from gradform.language import speaking, told
from gradform.language.current import current_language
from gradform.records import record

__all__ = ["Derivation", "Line", "Stage"]


@record(eq=False)
class Line:
    """``left = right``; further right sides are equal forms, each with what was done.

    A right side is a list of pieces: the first line of a formula, then its other lines.
    """

    left: Math | None
    rights: tuple[Sequence[Math], ...]
    reasons: tuple[str, ...] = ()


@record(eq=False)
class Stage:
    """One step: what is done, the lines, why, and where that stands.

    ``$u2$`` in title and reason is mathematics that ``named`` holds.
    """

    kind: str
    title: str
    lines: tuple[Line, ...]
    reason: str = ""
    named: Mapping[str, Math] = MappingProxyType({})


class Derivation:
    """The steps to a derivative. ``str(d)`` is Unicode; every line was checked.

    ``kind`` is ``chain``, ``differential`` or ``componentwise``; ``worst_error`` the largest
    relative error that the checks of the lines saw.
    """

    def __init__(self, kind: str, heading: str, steps: Sequence[Stage], errors: Sequence[float]):
        self.kind = kind
        self.heading = heading
        self.steps = tuple(steps)
        self.checked = len(errors)
        self.worst_error = max(errors, default=0.0)

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        return self.unicode()

    def __repr__(self) -> str:
        return f"<derivation by {self.kind}: {len(self.steps)} steps>"

    # ------------------------------------------------------------ notations

    def text(self, lang: str | None = None) -> str:
        """In the input language, for a file or a log."""
        return self._plain("text", lang)

    def unicode(self, lang: str | None = None) -> str:
        """For a terminal."""
        return self._plain("unicode", lang)

    def latex(self, lang: str | None = None) -> str:
        r"""One ``aligned`` block, for amsmath and for KaTeX; needs math mode around it.

        The words of another language than English need a document that has its letters.
        """
        with speaking(lang or current_language()):
            rows = [row for step in self.steps for row in _latex_rows(step)]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def markdown(self, lang: str | None = None) -> str:
        """A numbered list with formulas in dollars."""
        with speaking(lang or current_language()):
            items = []
            for number, step in enumerate(self.steps, 1):
                reason = f" ({_inline(step.reason, step)})" if step.reason else ""
                rows = " \\\\\n".join(row for line in step.lines for row in _aligned(line))
                items.append(
                    f"{number}. **{_inline(step.title, step)}**{reason}\n\n"
                    f"$$\n\\begin{{aligned}}\n{rows}\n\\end{{aligned}}\n$$\n"
                )
            return "\n".join(items)

    def to_dict(self, lang: str | None = None) -> dict[str, Any]:
        """The steps as plain values: title, reason, and the lines in every notation."""
        with speaking(lang or current_language()):
            return {
                "kind": self.kind,
                "heading": told(self.heading),
                "steps": [_step_as_dict(step) for step in self.steps],
                "checked": self.checked,
                "worst_error": self.worst_error,
            }

    def _plain(self, notation: str, lang: str | None) -> str:
        with speaking(lang or current_language()):
            blocks = []
            for number, step in enumerate(self.steps, 1):
                title, reason = (
                    in_notation(text, step.named, notation) for text in (step.title, step.reason)
                )
                lines = [f"{number}. {title}" + (f"   ({reason})" if reason else "")]
                lines += [f"   {row}" for line in step.lines for row in _plain_rows(line, notation)]
                blocks.append("\n".join(lines))
            return "\n".join(blocks)

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"

    def _repr_html_(self) -> str:
        html: str = import_module("gradform.derive.shown").derivation_html(self)
        return html

    def _repr_markdown_(self) -> str:
        return self.markdown()


def _plain_rows(line: Line, notation: str) -> list[str]:
    """``left = first form`` with equal forms below, their equals signs aligned."""
    left = line.left.to(notation) if line.left is not None else ""
    rows: list[str] = []
    for k, right in enumerate(line.rights):
        sign = "= " if left or k else ""
        before = f"{left} {sign}" if not k and left else " " * (len(left) + 1) * bool(left) + sign
        indent = " " * len(before)
        texts = [piece.to(notation) for piece in right]
        reason = line.reasons[k] if k < len(line.reasons) else ""
        texts[-1] += f"   ({told(reason)})" if reason else ""
        rows += [(before if not j else indent) + text for j, text in enumerate(texts)]
    return rows or [left]


def _aligned(line: Line) -> list[str]:
    """The rows of an ``aligned`` block, with the equals signs below one another."""
    left = line.left.to("latex") if line.left is not None else ""
    rows: list[str] = []
    for k, right in enumerate(line.rights):
        reason = line.reasons[k] if k < len(line.reasons) else ""
        for j, piece in enumerate(right):
            row = f"{left if not k and not j else ''} &"
            row += "= " if not j and (left or k) else r"\quad " if j else ""
            row += piece.to("latex")
            if reason and j == len(right) - 1:
                row += f" &&{in_latex(reason, {})[0]}"
            rows.append(row)
    return rows or [left if "&" in left else f"{left} &"]


def _latex_rows(step: Stage) -> list[str]:
    rows = [row for line in step.lines for row in _aligned(line)]
    return [*(f"&{words}" for words in in_latex(_heading(step), step.named)), *rows]


def _heading(step: Stage) -> str:
    """Title and reason, with the names of mathematics still in dollars."""
    return f"{told(step.title)} ({told(step.reason)})" if step.reason else told(step.title)


def _inline(text: str, step: Stage) -> str:
    """The text in Markdown, its mathematics in dollars."""
    named = {name: plain(f"${math.to('latex')}$") for name, math in step.named.items()}
    return in_notation(text, named, "text")


def _step_as_dict(step: Stage) -> dict[str, Any]:
    rows = [row for line in step.lines for row in _aligned(line)]
    return {
        "kind": step.kind,
        "title": in_notation(step.title, step.named, "unicode"),
        "reason": in_notation(step.reason, step.named, "unicode"),
        "latex": "\\begin{aligned} " + " \\\\ ".join(rows) + " \\end{aligned}",
        "text": "\n".join(row for line in step.lines for row in _plain_rows(line, "text")),
        "unicode": "\n".join(row for line in step.lines for row in _plain_rows(line, "unicode")),
    }
