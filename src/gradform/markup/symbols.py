"""The characters behind LaTeX commands, and what kind of sign each is."""

from __future__ import annotations

__all__ = [
    "FENCES",
    "GREEK",
    "LIMITS",
    "OPERATORS",
    "ORDINARY",
    "SPACES",
    "TEXT_SIGNS",
    "UPRIGHT_NAMES",
]

_SMALL = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi "
    "varrho rho varsigma sigma tau upsilon phi chi psi omega"
)
_CAPITAL = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
_SMALL_SIGNS = "αβγδϵζηθικλμνξοπϱρςστυϕχψω"
_CAPITAL_SIGNS = "ΓΔΘΛΞΠΣΥΦΨΩ"

GREEK = {
    r"\surd": "√",
    **{f"\\{name}": sign for name, sign in zip(_SMALL.split(), _SMALL_SIGNS, strict=True)},
    **{f"\\{name}": sign for name, sign in zip(_CAPITAL.split(), _CAPITAL_SIGNS, strict=True)},
    r"\varepsilon": "ε",
    r"\vartheta": "ϑ",
    r"\varphi": "φ",
    r"\varpi": "ϖ",
    r"\varkappa": "ϰ",
    r"\digamma": "ϝ",
}

# Signs that stand for something, like a letter.
ORDINARY = {
    r"\partial": "∂",
    r"\nabla": "∇",
    r"\infty": "∞",
    r"\emptyset": "∅",
    r"\top": "⊤",
    r"\ell": "ℓ",
    r"\dots": "…",
    r"\ldots": "…",
    r"\cdots": "⋯",
    r"\vdots": "⋮",
    r"\ddots": "⋱",
    r"\backslash": "\\",
    r"\_": "_",
    r"\#": "#",
    r"\$": "$",
    r"\%": "%",
    r"\&": "&",
}

# What commands stand for in a text.
TEXT_SIGNS = {
    **{f"\\{sign}": sign for sign in "_#$%&{} "},
    r"\textbackslash": "\\",
    r"\textasciicircum": "^",
    r"\textasciitilde": "~",
    r"\textless": "<",
    r"\textgreater": ">",
    r"\textbar": "|",
}

# Signs between things.
OPERATORS = {
    "-": "−",
    "*": "∗",
    r"\cdot": "⋅",
    r"\times": "×",
    r"\odot": "⊙",
    r"\oslash": "⊘",
    r"\otimes": "⊗",
    r"\oplus": "⊕",
    r"\circ": "∘",
    r"\wedge": "∧",
    r"\sim": "∼",
    r"\pm": "±",
    r"\le": "≤",
    r"\leq": "≤",
    r"\ge": "≥",
    r"\geq": "≥",
    r"\lt": "<",
    r"\gt": ">",
    r"\ne": "≠",
    r"\neq": "≠",
    r"\equiv": "≡",
    r"\approx": "≈",
    r"\succeq": "⪰",
    r"\preceq": "⪯",
    r"\succ": "≻",
    r"\prec": "≺",
    r"\in": "∈",
    r"\notin": "∉",
    r"\cup": "∪",
    r"\cap": "∩",
    r"\subseteq": "⊆",
    r"\supseteq": "⊇",
    r"\subset": "⊂",
    r"\mid": "∣",
    r"\colon": ":",
    r"\to": "→",
    r"\rightarrow": "→",
    r"\leftarrow": "←",
    r"\mapsto": "↦",
    r"\Rightarrow": "⇒",
    r"\implies": "⟹",
    r"\iff": "⟺",
    r"\forall": "∀",
    r"\exists": "∃",
}

# (sign, whether it opens), None where it may do either.
FENCES: dict[str, tuple[str, bool | None]] = {
    "(": ("(", True),
    ")": (")", False),
    "[": ("[", True),
    "]": ("]", False),
    r"\{": ("{", True),
    r"\}": ("}", False),
    "|": ("|", None),
    r"\|": ("‖", None),
    r"\lvert": ("|", True),
    r"\rvert": ("|", False),
    r"\lVert": ("‖", True),
    r"\rVert": ("‖", False),
    r"\langle": ("⟨", True),
    r"\rangle": ("⟩", False),
    r"\lfloor": ("⌊", True),
    r"\rfloor": ("⌋", False),
    r"\lceil": ("⌈", True),
    r"\rceil": ("⌉", False),
}

SPACES = {
    r"\,": "0.167em",
    r"\:": "0.222em",
    r"\;": "0.278em",
    r"\ ": "0.333em",
    r"\quad": "1em",
    r"\qquad": "2em",
    r"\!": "-0.167em",
}

_NAMES = (
    "arccos arcsin arctan arg cos cosh cot coth csc deg dim exp gcd hom ker lg ln log sec sin "
    "sinh tan tanh"
)
UPRIGHT_NAMES = frozenset(f"\\{name}" for name in _NAMES.split())

# Names and signs with what stands below and above them in a displayed formula.
LIMITS = {
    r"\sum": "∑",
    r"\int": "∫",
    r"\prod": "∏",
    r"\bigcup": "⋃",
    r"\bigcap": "⋂",
    **{f"\\{name}": name for name in ("det", "inf", "lim", "max", "min", "sup")},
    r"\liminf": "lim inf",
    r"\limsup": "lim sup",
}
