"""Pictures look the same on a page with others, and light or dark as the page says."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest

import gradform as gf
from gradform.pictures import RULES, Graph, Picture
from gradform.pictures.theme import rules_for
from tests.pictures.graphs import random_graph, random_trails

Step = tuple[str, frozenset[str]]
"""An element, or the part of a selector that asks for one: its name and its classes."""
Chain = tuple[Step, ...]


def _pictures() -> dict[str, Picture]:
    shapes = {"x": (), "v": ("n",)}
    nodes, edges = random_graph(1, 90)
    x = {name: gf.parse(text, shapes=shapes) for name, text in _FORMULAS.items()}
    return {
        "folded": Graph(nodes, edges, random_trails(1, edges)),
        "graph": x["norm"].derivative("v").graph,
        "kink": x["kink"].derivative("x").plot(at=0),
        "corner": x["corner"].derivative("x").plot(at=0),
        "breaks": x["breaks"].plot(),
        "plane": x["norm"].plot(at=(1, 2)),
    }


_FORMULAS = {
    "norm": "norm2(v)^2 + log(v(1))",
    "kink": "abs(x)",
    "corner": "abs(x) - x^2",
    "breaks": "log(x) + floor(x)",
}


def _drawn() -> Iterator[tuple[str, str]]:
    for name, picture in _pictures().items():
        yield name, picture.svg()
        if isinstance(picture, Graph) and picture.trails:
            yield f"{name}, followed", picture.svg(1)


PICTURES = dict(_drawn())


def _rules(sheet: str) -> Iterator[tuple[Chain, frozenset[str]]]:
    """Selectors and the properties that they set, but for the palettes."""
    for selectors, body in re.findall(r"^(\.gradform[^{\n]*) \{ ([^}]*) \}$", sheet, re.MULTILINE):
        names = frozenset(re.findall(r"(?:^|; )([a-z-]+):", body))
        if any(name.startswith("--") for name in names):
            continue
        for selector in selectors.split(", "):
            steps = [re.match(r"(\w*)((?:\.[\w-]+)*)", each) for each in selector.split()]
            yield (
                tuple((m[1], frozenset(m[2].split(".")[1:])) for m in steps if m is not None),
                names,
            )


def _elements(root: ET.Element, above: Chain = ()) -> Iterator[Chain]:
    here = (*above, (root.tag.rpartition("}")[2], frozenset(root.get("class", "").split())))
    yield here
    for child in root:
        yield from _elements(child, here)


def _fits(step: Step, element: Step) -> bool:
    return step[0] in ("", element[0]) and step[1] <= element[1]


def _matches(selector: Chain, element: Chain) -> bool:
    if not _fits(selector[-1], element[-1]):
        return False
    wanted = list(selector[:-1])
    for each in reversed(element[:-1]):
        if wanted and _fits(wanted[-1], each):
            wanted.pop()
    return not wanted


def _weight(selector: Chain) -> tuple[int, int]:
    return sum(len(classes) for _, classes in selector), sum(bool(tag) for tag, _ in selector)


@pytest.mark.parametrize("name", PICTURES)
def test_the_order_of_rules_does_not_matter(name: str) -> None:
    """Each picture on a page brings rules of its own, before and behind those of others: of two
    rules for the same property of an element one is more specific."""
    rules = list(_rules(RULES))
    assert len(rules) > 40
    for element in {*_elements(ET.fromstring(PICTURES[name]))}:
        strongest: dict[str, list[tuple[int, int]]] = {}
        for selector, names in rules:
            if _matches(selector, element):
                for each in names:
                    strongest.setdefault(each, []).append(_weight(selector))
        for weights in strongest.values():
            assert weights.count(max(weights)) == 1, element


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_brings_all_the_rules_that_it_needs(name: str) -> None:
    own = {*_rules(rules_for(PICTURES[name]))}
    for element in {*_elements(ET.fromstring(PICTURES[name]))}:
        for rule in _rules(RULES):
            assert not _matches(rule[0], element) or rule in own


def test_colours_have_names_that_a_theme_defines() -> None:
    used = {*re.findall(r"var\((--gradform-[\w-]+)\)", RULES)}
    palettes = re.findall(r"\{ ((?:--gradform-[\w-]+: #[0-9a-f]{6}; ?)+)\}", RULES)
    assert len(palettes) == 4
    for palette in palettes:
        assert {*re.findall(r"(--gradform-[\w-]+):", palette)} == used


@pytest.mark.parametrize("theme", [0, 1])
def test_text_can_be_read(theme: int) -> None:
    """The contrast that WCAG asks for, 4.5 to 1, of all words against their paper."""
    palettes = re.findall(r"\{ ((?:--gradform-[\w-]+: #[0-9a-f]{6}; ?)+)\}", RULES)
    colours = dict(re.findall(r"--gradform-([\w-]+): (#[0-9a-f]{6});", palettes[theme]))
    pairs = [(word, "paper") for word in ("ink", "faint", "accent", "second", "third", "alarm")]
    pairs += [(word, box) for word in ("ink", "faint") for box in ("variable", "output")]
    pairs += [(word, "intermediate") for word in ("ink", "faint")]
    for word, paper in pairs:
        assert _contrast(colours[word], colours[paper]) >= 4.5, (word, paper)


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
