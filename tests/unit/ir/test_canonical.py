"""α-equivalence: one product is one object, however it is written down."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node
from tests.unit.ir.networks import Entry, Network, agrees, network, point, random_network, sym

A, B, P, S, X, Y, x, y, c = (sym(name) for name in "ABPSXYxyc")


def node(spec: str, *factors: Node) -> Node:
    return network(point(0), spec, *factors).node()


SAME: dict[str, list[Node]] = {
    "renamed": [node("ij,jk,k->i", A, B, x), node("pq,qa,a->p", A, B, x)],
    "reordered": [node("ij,j->i", A, x), node("j,ij->i", x, A)],
    "x'Ay": [node("i,ij,j->", x, A, y), node("j,ij,i->", y, A, x)],
    "trace, rotated": [
        node("ij,jk,ki->", A, B, P),
        node("ij,jk,ki->", B, P, A),
        node("ij,jk,ki->", P, A, B),
    ],
    "trace, transposed": [node("ij,jk,ki->", A, B, A), node("ji,kj,ik->", A, A, B)],
    "trace of a power": [node("ij,jk,kl,li->", A, A, A, A), node("kl,li,ij,jk->", A, A, A, A)],
    "tr(XY) = tr(YX)": [node("ij,ji->", X, Y), node("ij,ji->", Y, X)],
    "symmetric, turned": [node("ij,j->i", S, x), node("ji,j->i", S, x)],
    "x'Sy = y'Sx": [node("i,ij,j->", x, S, y), node("i,ij,j->", y, S, x)],
    "xSySx": [node("i,ij,j,jk,k->", x, S, y, P, x), node("i,ij,j,jk,k->", x, P, y, S, x)],
    "equal vectors": [node("i,j,ij->", x, x, A), node("j,i,ij->", x, x, A)],
    "S² between": [node("ij,jk->ik", S, S), node("kj,ij->ik", S, S)],
    "scalars": [node(",,i->i", c, c, x), node("i,,->i", x, c, c)],
    "three in one place": [node("ij,ik,il->jkl", A, A, A), node("il,ij,ik->jkl", A, A, A)],
}


@pytest.mark.parametrize("name", SAME)
def test_one_object(name: str) -> None:
    assert len(set(SAME[name])) == 1


OTHER: dict[str, list[Node]] = {
    "AB and BA": [node("ij,jk->ik", A, B), node("ij,jk->ik", B, A)],
    "transposed": [node("ij,j->i", A, x), node("ji,j->i", A, x)],
    "traces": [node("ij,jk,ki->", A, B, P), node("ij,jk,ki->", B, A, P)],
    "A² and A'A and A.*A": [
        node("ij,jk->ik", A, A),
        node("ji,jk->ik", A, A),
        node("ij,kj->ik", A, A),
        node("ij,ij->ij", A, A),
        node("ij,ji->ij", A, A),
    ],
    "diagonal, trace, sum": [node("ii->i", A), node("ii->", A), node("ij->", A), node("ij->i", A)],
    "joined or apart": [node("i,i->", x, y), node("i,j->", x, y), node("i,i->i", x, y)],
    "outputs": [node("i,j->ij", x, y), node("i,j->ji", x, y)],
}


@pytest.mark.parametrize("name", OTHER)
def test_different_objects(name: str) -> None:
    assert len(set(OTHER[name])) == len(OTHER[name])


def test_renamed_and_reordered_networks_are_one_object() -> None:
    for seed in range(250):
        rng, at = random.Random(seed), point(seed)
        original = random_network(rng, at, 1 + seed % 2)
        made = original.node()
        for _ in range(2):
            assert original.renamed(rng).node() is made, seed


def _copies(rng: random.Random) -> Network:
    """Few variables, many times each, on few labels: the hard case."""
    at = point(0)
    names = rng.sample("ASBxP", rng.choice([1, 2]))
    chosen = [rng.choice(names) for _ in range(rng.randrange(2, 6))]
    labels = "ijkl"[: rng.randrange(1, 5)]
    places = ["".join(rng.choice(labels) for _ in sym(name).axes) for name in chosen]
    carried = sorted(set("".join(places)))
    out = "".join(label for label in carried if rng.random() < 0.2)[:2]
    return network(at, ",".join(places) + "->" + out, *map(sym, chosen))


def test_copies_of_few_variables() -> None:
    for seed in range(250):
        rng = random.Random(seed)
        original = _copies(rng)
        made = original.node()
        agrees(made, original.value(point(0)), point(0))
        for _ in range(2):
            other = original.renamed(rng)
            turned = [_turned(entry, rng) for entry in other.entries]
            assert replace(other, entries=tuple(turned)).node() is made, seed


def _turned(entry: Entry, rng: random.Random) -> Entry:
    """A symmetric factor the other way round, or not."""
    symmetric = entry.tensor.node in (S, P)
    return entry._replace(labels=entry.labels[::-1]) if symmetric and rng.random() < 0.5 else entry


def test_sums_do_not_depend_on_the_order_of_their_terms() -> None:
    for seed in range(60):
        rng, at = random.Random(seed), point(seed)
        terms = [random_network(rng, at, outputs=0).node() for _ in range(5)]
        numbered = [(rng.choice([1, -1, -2, 3]), term) for term in terms]
        total = build.linear_combination(numbered, ())
        rng.shuffle(numbered)
        assert build.linear_combination(numbered, ()) is total


def test_brackets_do_not_matter() -> None:
    a, b, z, v = (Expr(each) for each in (A, B, x, y))
    assert ((a @ b) @ z).node is (a @ (b @ z)).node
    assert ((z * v) * z).node is (z * (v * z)).node
    assert ((z + v) + z).node is (z + (v + z)).node
    assert (z + (v - z)).node is v.node
