"""A card as one self-contained block of HTML, for JupyterLab, Visual Studio Code and files.

There is no script and no outside file, and colours follow the text around, so that light and
dark themes need no telling apart. Formulas stand there twice: as LaTeX, which notebooks
typeset, and as MathML, which is shown where LaTeX in HTML is not typeset, in Visual Studio
Code. MathML is ``hidden`` where styles are removed, as in notebooks that are not trusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from gradform.language import say
from gradform.markup.contents import Card, Code, Content, Fact, Fold, Formula, Picture, Words
from gradform.markup.mathml import NotMathematics, to_mathml

__all__ = ["to_html"]

# Typesetting takes seconds beyond; the text is as good there.
_LONGEST_LATEX = 8_000

_STYLE = "".join(
    """
.gradform-card{--gf-line:color-mix(in srgb,currentColor 22%,transparent);
 max-width:60em;line-height:1.5}
.gradform-card [hidden]{display:none}
.gradform-card .gf-formula{overflow-x:auto;overflow-y:hidden;padding:.35em 0;font-size:1.1em}
.gradform-card .gf-facts{display:grid;grid-template-columns:max-content 1fr;
 gap:.1em 1em;font-size:.92em;margin:.3em 0}
.gradform-card .gf-label{opacity:.68}
.gradform-card .gf-fact{min-width:0;overflow-wrap:anywhere}
.gradform-card .gf-code{background:none;padding:0;color:inherit;font-size:.95em;
 font-family:var(--jp-code-font-family,var(--vscode-editor-font-family,monospace))}
.gradform-card pre.gf-code{overflow-x:auto;margin:.3em 0;padding:.5em .7em;border-radius:4px;
 background:color-mix(in srgb,currentColor 6%,transparent);line-height:1.35;white-space:pre}
.gradform-card details{border-top:1px solid var(--gf-line);padding:.2em 0}
.gradform-card summary{cursor:pointer;font-size:.92em}
.gradform-card details>div{font-size:.95em;padding:.1em 0 .1em 1.1em}
.gradform-card summary:focus-visible{outline:2px solid currentColor;outline-offset:2px}
.gradform-card svg{max-width:100%;height:auto}
body[class*="vscode"] .gradform-card .gf-tex{display:none}
body[class*="vscode"] .gradform-card .gf-mathml{display:inline}
""".splitlines()
)


def to_html(card: Card) -> str:
    """The card as HTML. Texts are told in the current language."""
    return f'<div class="gradform-card"><style>{_STYLE}</style>{_inside(card)}</div>'


def _inside(card: Card) -> str:
    formulas = "".join(f'<div class="gf-formula">{_content(each)}</div>' for each in card.formulas)
    return formulas + _facts(card.facts) + "".join(map(_fold, card.folds))


def _facts(facts: Sequence[Fact]) -> str:
    if not facts:
        return ""
    lines = "".join(
        f'<div class="gf-label">{_escaped(fact.label)}</div>'
        f'<div class="gf-fact">{_in_a_row(fact.contents)}</div>'
        for fact in facts
    )
    return f'<div class="gf-facts">{lines}</div>'


def _in_a_row(contents: Sequence[Content]) -> str:
    return _escaped(say(", ")).join(_content(each) for each in contents)


def _fold(fold: Fold) -> str:
    inside = "".join(f"<div>{_content(each)}</div>" for each in fold.contents)
    state = " open" if fold.is_open else ""
    return f"<details{state}><summary>{_escaped(fold.title)}</summary>{inside}</details>"


def _content(content: Content) -> str:
    match content:
        case Formula():
            return _formula(content)
        case Code():
            tag = "pre" if content.block else "code"
            return f'<{tag} class="gf-code">{_escaped(content.text)}</{tag}>'
        case Words():
            return _escaped(content.text)
        case Picture():
            return content.svg
        case Card():
            return _inside(content)


def _formula(formula: Formula) -> str:
    """LaTeX and MathML; the text where the formula is too long or not of the LaTeX we write."""
    try:
        if len(formula.latex) > _LONGEST_LATEX:
            raise NotMathematics("the formula is too long")
        mathml = to_mathml(formula.latex, display=formula.display)
    except NotMathematics:
        return _content(Code(formula.text))
    style = r"\displaystyle " if formula.display else ""
    tex = f'<span class="gf-tex">${_escaped(style + formula.latex)}$</span>'
    return f'{tex}<span class="gf-mathml" hidden>{mathml}</span>'


def _escaped(text: str) -> str:
    """Text in the current language; escaping works on its characters."""
    return escape(str(text))
