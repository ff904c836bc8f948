"""Characters outside ASCII: read as others with a note, or rejected by name."""

from __future__ import annotations

import unicodedata

import pytest

from gradform.errors import FormulaSyntaxError
from gradform.formula.tree import Call, Mul, Name, Neg, Number, Power, Transpose
from gradform.syntax.parser import parse_formula


def same_tree(source: str, plain: str) -> bool:
    """Equal trees with equal spans."""
    return repr(parse_formula(source).body) == repr(parse_formula(plain).body)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("MINUS SIGN", "a-x"),
        ("EN DASH", "a-x"),
        ("MULTIPLICATION SIGN", "a*x"),
        ("MIDDLE DOT", "a*x"),
        ("DOT OPERATOR", "a*x"),
        ("RIGHT SINGLE QUOTATION MARK", "a'*x"),
        ("PRIME", "a'*x"),
        ("MICRO SIGN", "a*μ"),
    ],
)
def test_characters_read_as_another_one_are_noted(name: str, plain: str) -> None:
    character = unicodedata.lookup(name)
    stands_for = "μ" if "μ" in plain else next(c for c in plain if not c.isalnum())
    source = plain.replace(stands_for, character)
    assert same_tree(source, plain)
    (note,) = parse_formula(source).notes
    assert character in note
    assert f"column {source.index(character) + 1}" in note


@pytest.mark.parametrize(
    "source", ["A@x", "x.T", "xᵀ", "a⊙b", "a∘b", "2*π", "α+Ω*x₁", "a\u00a0+\u3000b", "a+b"]
)
def test_accepted_spellings_need_no_note(source: str) -> None:
    assert parse_formula(source).notes == ()


def test_elementwise_product_signs() -> None:
    for source in ("a⊙b", "a∘b"):
        body = parse_formula(source).body
        assert isinstance(body, Mul)
        assert body.ops == ("*", ".*")


def test_transpose_signs() -> None:
    for source in ("Aᵀ", "A.T"):
        body = parse_formula(source).body
        assert isinstance(body, Transpose)
        assert (body.span.start, body.span.end) == (0, len(source))


def test_pi() -> None:
    body = parse_formula("2*π").body
    assert isinstance(body, Mul)
    assert isinstance(body.factors[1], Name)
    assert body.factors[1].name == "pi"


@pytest.mark.parametrize(("source", "exponent"), [("A²", 2), ("A³", 3), ("A¹⁰", 10), ("A⁻¹", -1)])
def test_superscripts_are_powers(source: str, exponent: int) -> None:
    program = parse_formula(source)
    body = program.body
    assert isinstance(body, Power)
    value = body.exponent
    negative = isinstance(value, Neg)
    if isinstance(value, Neg):
        value = value.operand
    assert isinstance(value, Number)
    assert (-value.value if negative else value.value) == exponent
    assert not body.elementwise
    (note,) = program.notes
    assert "column 2" in note


def test_full_width_text() -> None:
    source, plain = "u＝２；f（u，x）＋u＊３－u／４", "u=2;f(u,x)+u*3-u/4"
    program = parse_formula(source)
    assert repr(program.definitions) == repr(parse_formula(plain).definitions)
    assert same_tree(source, plain)
    (note,) = program.notes
    assert "full-width" in note
    assert "column 2" in note


def test_full_width_letters_are_rejected() -> None:
    with pytest.raises(FormulaSyntaxError, match="U\\+FF58"):
        parse_formula("f(\N{FULLWIDTH LATIN SMALL LETTER X})")


def test_one_note_for_each_kind_in_text_order() -> None:
    minus, times = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"
    notes = parse_formula(f"a²{times}b³{minus}c{times}d{minus}e").notes
    assert [note[1] for note in notes] == ["²", times, minus]


def test_notes_name_the_line_in_a_text_of_several_lines() -> None:
    (note,) = parse_formula("u = x;\nu\N{PRIME}*u").notes
    assert "line 2, column 2" in note


_GREEK_LOOKALIKES = {
    "ALPHA": "A", "BETA": "B", "EPSILON": "E", "ZETA": "Z", "ETA": "H", "IOTA": "I",
    "KAPPA": "K", "MU": "M", "NU": "N", "OMICRON": "O", "RHO": "P", "TAU": "T",
    "UPSILON": "Y", "CHI": "X",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "latin"),
    [
        *((f"GREEK CAPITAL LETTER {name}", latin) for name, latin in _GREEK_LOOKALIKES.items()),
        ("GREEK SMALL LETTER OMICRON", "o"),
        ("CYRILLIC SMALL LETTER HA", "x"),
        ("CYRILLIC SMALL LETTER A", "a"),
        ("CYRILLIC CAPITAL LETTER VE", "B"),
        ("CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I", "i"),
    ],
)
def test_letters_that_look_latin_are_named(name: str, latin: str) -> None:
    character = unicodedata.lookup(name)
    for source, column in ((f"{character}*x", 1), (f"x{character}*x", 2)):
        with pytest.raises(FormulaSyntaxError) as caught:
            parse_formula(source)
        error = caught.value
        assert (error.kind, error.column) == ("bad_char", column)
        assert f"U+{ord(character):04X}" in error.message
        assert f"Latin letter {latin} " in error.message


@pytest.mark.parametrize(
    ("source", "column", "words"),
    [
        ("ж*x", 1, ["U+0436", "Latin and Greek letters"]),
        ("x + é", 5, ["U+00E9"]),
        ("\N{MATHEMATICAL BOLD SMALL X}'*x", 1, ["U+1D431", "Write x"]),
        ("a\N{ZERO WIDTH SPACE}*b", 2, ["U+200B", "invisible"]),
        ("\x00", 1, ["U+0000"]),
        ("x\ud800", 2, ["U+D800"]),
        ("x\N{COMBINING CIRCUMFLEX ACCENT}", 2, ["U+0302", "letters"]),
        ("√a", 1, ["U+221A", "sqrt"]),
        ("A⊗B", 2, ["U+2297", "kron"]),
        ("x⁻", 2, ["A^-1"]),
        ("a \N{DIVISION SIGN} b", 3, ["Write /"]),
    ],
)
def test_other_characters_are_named(source: str, column: int, words: list[str]) -> None:
    with pytest.raises(FormulaSyntaxError) as caught:
        parse_formula(source)
    error = caught.value
    assert (error.kind, error.column) == ("bad_char", column)
    for word in words:
        assert word in f"{error.message} {error.hint}"


def test_unpaired_surrogates_stay_out_of_messages() -> None:
    with pytest.raises(FormulaSyntaxError) as caught:
        parse_formula("\ud800")
    caught.value.message.encode("utf-8")


def test_greek_function_names() -> None:
    body = parse_formula("σ(x)").body
    assert isinstance(body, Call)
    assert body.name == "σ"
