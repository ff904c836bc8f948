"""The colours and rules of all pictures, on light and on dark paper.

A picture is dark where the reader's system is, unless an element around it says otherwise: by
``data-theme="light"`` or ``"dark"``, or as JupyterLab and Visual Studio Code do.
"""

from __future__ import annotations

import re

__all__ = ["RULES", "rules_for"]

# name: on light paper, on dark paper
_COLOURS = {
    "paper": ("#ffffff", "#14171d"),
    "ink": ("#1f2430", "#e8eaf0"),
    "faint": ("#5f6774", "#9aa3b2"),
    "line": ("#aab1bd", "#565e6d"),
    "grid": ("#e8eaee", "#262b35"),
    "accent": ("#2457d6", "#8ab0ff"),
    "second": ("#b4540a", "#f2a65e"),
    "third": ("#0b7a5b", "#5fd0a5"),
    "alarm": ("#c81e3a", "#ff7088"),
    "void": ("#f1f2f5", "#1d2129"),
    "variable": ("#e7eeff", "#1c2b52"),
    "variable-edge": ("#8eabee", "#4c6fc4"),
    "intermediate": ("#f6f7f9", "#1f242d"),
    "intermediate-edge": ("#b9c0cb", "#4d5563"),
    "output": ("#e2f5ec", "#14382b"),
    "output-edge": ("#6dbd97", "#3b9670"),
}
_THEMES = ("light", "dark")

# selector: properties, colours by their names in braces. Rules that change others are more
# specific: on a page with many pictures those of one stand before and behind those of others.
_RULES = {
    "": "font: 13px Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'Noto Sans', 'DejaVu Sans', "
    "sans-serif",
    "text": "fill: {ink}",
    ".paper": "fill: {paper}",
    # plots
    ".axis": "stroke: {line}; fill: none",
    ".tick": "stroke: {line}; fill: none",
    ".grid": "stroke: {grid}; fill: none",
    ".zero": "stroke: {line}; fill: none",
    ".curve": "stroke: {accent}; stroke-width: 2; fill: none; stroke-linejoin: round",
    ".change": "stroke: {second}; stroke-width: 2; fill: none; stroke-linejoin: round",
    ".slope": "stroke: {third}; stroke-width: 1.75; fill: none",
    ".secant": "stroke: {second}; stroke-width: 1.25; fill: none",
    ".open": "stroke-dasharray: 5 4",
    ".pole": "stroke: {faint}; stroke-dasharray: 2 4; fill: none",
    ".void": "fill: {void}; stroke: none",
    ".area": "fill: {third}; fill-opacity: 0.18; stroke: none",
    ".range": "stroke: {third}; stroke-width: 4; stroke-linecap: round; fill: none",
    ".alarm": "stroke: {alarm}; stroke-width: 2; fill: none",
    ".dot": "fill: {ink}",
    ".alarmdot": "fill: {alarm}",
    ".curvedot": "fill: {accent}",
    ".secantdot": "fill: {second}",
    ".hole": "fill: {paper}; stroke: {accent}; stroke-width: 1.5",
    ".changehole": "fill: {paper}; stroke: {second}; stroke-width: 1.5",
    ".label": "font-size: 12px; fill: {faint}",
    ".name": "font-size: 13px",
    "text.curvename": "fill: {accent}",
    "text.changename": "fill: {second}",
    "text.slopename": "fill: {third}",
    ".tint": "fill: {accent}; fill-opacity: 0.07; stroke: none; fill-rule: evenodd",
    ".contour": "stroke: {accent}; stroke-opacity: 0.75; fill: none",
    ".arrow": "stroke: {second}; stroke-width: 1.25; fill: none",
    ".arrowhead": "fill: {second}; stroke: none",
    ".back": "fill: {paper}; fill-opacity: 0.85; stroke: none",
    # graphs
    ".node rect": "fill: {intermediate}; stroke: {intermediate-edge}",
    ".node.variable rect": "fill: {variable}; stroke: {variable-edge}",
    ".node.output rect": "fill: {output}; stroke: {output-edge}",
    ".node.constant rect": "fill: {paper}; stroke: {line}; stroke-dasharray: 4 3",
    ".node.folded rect": "fill: {paper}; stroke: {line}; stroke-dasharray: 1 3; "
    "stroke-linecap: round",
    ".aside": "font-size: 11.5px; fill: {faint}",
    ".edge path": "stroke: {line}; stroke-width: 1.25; fill: none",
    ".edge polygon": "fill: {line}; stroke: none",
    ".edge rect": "fill: {paper}; stroke: none",
    ".edge text": "font-size: 12px; fill: {faint}",
    ".tracing .edge, .tracing .node": "opacity: 0.35",
    ".tracing g.lit": "opacity: 1",
    ".edge.lit path": "stroke: {accent}; stroke-width: 2.25",
    ".edge.lit polygon": "fill: {accent}",
    ".edge.lit text": "fill: {accent}",
    ".node.lit rect": "stroke-width: 2",
}


def _rule(selector: str, properties: str) -> str:
    """One rule for every picture; ``.tracing`` marks the picture itself."""
    scoped = ", ".join(_scoped(each) for each in selector.split(", "))
    return f"{scoped} {{ {'; '.join(_coloured(each) for each in properties.split('; '))} }}"


def _scoped(selector: str) -> str:
    joint = "" if not selector or selector.startswith(".tracing") else " "
    return f".gradform{joint}{selector}"


def _coloured(declaration: str) -> str:
    """Twice where it has a colour: not every program that shows SVG knows variables."""
    found = re.search(r"\{([\w-]+)\}", declaration)
    if found is None:
        return declaration
    plain = declaration.replace(found[0], _COLOURS[found[1]][0])
    return f"{plain}; {declaration.replace(found[0], f'var(--gradform-{found[1]})')}"


def _palette(theme: str, names: list[str]) -> str:
    k = _THEMES.index(theme)
    return " ".join(f"--gradform-{name}: {_COLOURS[name][k]};" for name in names)


def _themed(rules: list[str]) -> str:
    """The rules with the colours that they use, by the reader's system and by what is said."""
    used = "\n".join(rules)
    names = [name for name in _COLOURS if f"--gradform-{name})" in used]
    light, dark = (f"{{ {_palette(theme, names)} }}" for theme in _THEMES)
    marks = ('[data-theme="dark"]', '[data-jp-theme-light="false"]', ".vscode-dark")
    asked_dark = ", ".join(f"{mark} .gradform" for mark in marks)
    marks = ('[data-theme="light"]', '[data-jp-theme-light="true"]', ".vscode-light")
    asked_light = ", ".join(f"{mark} .gradform" for mark in marks)
    return (
        f".gradform {light}\n@media (prefers-color-scheme: dark) {{ .gradform {dark} }}\n"
        f"{asked_light} {light}\n{asked_dark} {dark}\n{used}\n"
    )


RULES = _themed([_rule(*each) for each in _RULES.items()])
"""The rules of all pictures, for a page that shows them without rules of their own."""


def rules_for(content: str) -> str:
    """The rules that a picture with this content needs."""
    used = set(re.findall(r"[\w-]+", " ".join(re.findall(r'class="([^"]*)"', content))))
    chosen = [
        _rule(selector, properties)
        for selector, properties in _RULES.items()
        if set(re.findall(r"\.([\w-]+)", selector)) <= used
    ]
    return _themed(chosen)
