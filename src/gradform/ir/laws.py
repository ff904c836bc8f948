"""Normal form of one contraction: the laws that hold for every product of tensors.

Identity elimination, unit vectors and selections, joined axes, merging of powers,
cancellation of inverses, sums over labels nobody carries. Each law is a method with the
equation it applies; none of them looks at more than the one network.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from gradform.ir.dims import Dim
from gradform.ir.nodes import Apply, Coefficient, Contraction, Leaf, Node, Sum, Symbol, exact, leaf

__all__ = ["Network", "is_symmetric", "sums_nothing"]

Label = Hashable
Entry = tuple[Node, tuple[Label, ...], Coefficient]

_SYMMETRIC = frozenset({"symmetric", "spd", "diagonal", "symmetric_toeplitz"})
Powers = list[tuple[Node, Coefficient]]

SumPowerLaw = Callable[[Sum, Coefficient], "Powers | None"]

SUM_POWER_LAWS: list[SumPowerLaw] = []
"""Equations (a + b)^p = …, such as 1/(1 + exp(-t)) = sigmoid(t); functions add theirs."""

_SUM_ONE = frozenset({"simplex", "onehot"})
_ZERO_ONE_ENTRIES = frozenset({"binary", "onehot"})
_ZERO_ONE = frozenset({"delta", "unit", "select", "lower", "flatten"})


def is_symmetric(node: Node) -> bool:
    """True when a matrix provably equals its transpose."""
    if node.rank != 2 or node.axes[0] is not node.axes[1]:
        return False
    match node:
        case Symbol():
            return bool(node.structure & _SYMMETRIC)
        case Leaf():
            return node.kind == "delta"
        case Apply() if node.order == 0:
            known: bool | None = node.memo.get("symmetric")
            if known is None:
                keeps = node.fn.elementwise or node.fn.keeps_symmetry
                known = keeps and all(is_symmetric(arg) for arg in node.args)
                node.memo["symmetric"] = known
            return known
        case Sum() | Contraction():
            from gradform.ir.build import transpose

            return transpose(node) is node
    return False


def sums_nothing(node: Contraction) -> bool:
    """True when each summed label is fixed by the output labels through a selector.

    Then an entry of the contraction is one product, and powers apply factor by factor.
    """
    known = set(range(node.rank))
    leaves = [f for f in node.factors if isinstance(f[0], Leaf) and f[0].kind == "flatten"]
    for _, labels, _ in leaves:
        if labels[0] in known:
            known.update(labels)
    return len(known) == len(node.dims)


class Network:
    """A product being brought to normal form: ``coefficient · Π factor[labels]^power``."""

    __slots__ = ("coefficient", "dims", "factors", "out", "pending", "summed")

    def __init__(
        self, coefficient: Coefficient, out: tuple[Label, ...], dims: dict[Label, Dim]
    ) -> None:
        self.coefficient = coefficient
        self.out = out
        self.dims = dims
        self.factors: list[Entry] = []
        self.summed: set[Label] = set()
        self.pending: list[Entry] = []

    def put_sum(self, node: Sum, labels: tuple[Label, ...], power: Coefficient) -> bool:
        """Add a power of a sum in the form a law gives it; False when none applies."""
        if power == 1:
            return False
        for law in SUM_POWER_LAWS:
            found = law(node, power)
            if found is not None:
                for new, p in found:
                    self.put(new, labels, p)
                return True
        return False

    def put(self, node: Node, labels: tuple[Label, ...], power: Coefficient) -> None:
        """Add one factor, in its canonical orientation."""
        if isinstance(node, (Sum, Contraction)) and node.rank == 2:
            from gradform.ir.build import oriented

            node, flipped = oriented(node)
            if flipped:
                labels = labels[::-1]
        if isinstance(node, Leaf) and node.kind in _ZERO_ONE:
            power = 1
        self.factors.append((node, labels, power))
        for label in labels:
            if label not in self.out:
                self.summed.add(label)

    # ------------------------------------------------------------ the laws, in order

    def simplify(self) -> None:
        if any(isinstance(node, Leaf) and node.kind != "size" for node, _, _ in self.factors):
            self._eliminate_deltas()
            self._selectors()
        self.merge_powers()
        if any(isinstance(node, Apply) for node, _, _ in self.factors):
            while self._network_laws():
                pass
        if any(isinstance(node, Symbol) and node.structure for node, _, _ in self.factors):
            self._known_values()
            self._orthogonal()
        self._count_absent_labels()

    def _rename(self, old: Label, new: Label) -> None:
        self.summed.discard(old)
        self.factors = [
            (node, tuple([new if x == old else x for x in labels]), power)
            if old in labels
            else (node, labels, power)
            for node, labels, power in self.factors
        ]

    def _eliminate_deltas(self) -> None:
        """Σ_j δ_ij f_j = f_i; δ_ii = 1 under a sum; δ_ij f_j = δ_ij f_i."""
        outs = set(self.out)
        position = 0
        kept: dict[Label, Label] = {}
        while position < len(self.factors):
            node, labels, _ = self.factors[position]
            if not (isinstance(node, Leaf) and node.kind == "delta"):
                position += 1
                continue
            i, j = labels
            if i == j:
                del self.factors[position]
            elif j not in outs:
                del self.factors[position]
                self._rename(j, i)
            elif i not in outs:
                del self.factors[position]
                self._rename(i, j)
            else:
                position += 1
                kept[j if self.out.index(j) > self.out.index(i) else i] = (
                    i if self.out.index(j) > self.out.index(i) else j
                )
                continue
            position = 0
        if kept:
            self._move_to_first_equal(kept)

    def _move_to_first_equal(self, equal: dict[Label, Label]) -> None:
        """δ_ij f_j = δ_ij f_i: other factors use the first of the equal output labels."""

        def first(label: Label) -> Label:
            while label in equal:
                label = equal[label]
            return label

        moved: list[Entry] = []
        done: set[tuple[Label, Label]] = set()
        for node, labels, power in self.factors:
            if isinstance(node, Leaf) and node.kind == "delta":
                later = labels[0] if labels[0] in equal and equal[labels[0]] == labels[1] else None
                later = later if later is not None else labels[1]
                pair = (first(later), later)
                if pair[0] == pair[1] or pair in done:
                    continue
                done.add(pair)
                moved.append((node, pair, power))
            else:
                moved.append((node, tuple([first(x) for x in labels]), power))
        self.factors = moved

    def _selectors(self) -> None:
        changed = True
        while changed and self.coefficient != 0:
            changed = self._units() or self._selections() or self._joined_axes()
            if changed:
                self._eliminate_deltas()

    def uses(self, label: Label) -> int:
        return sum(labels.count(label) for _, labels, _ in self.factors)

    def _leaves(self, kind: str) -> list[int]:
        return [
            k
            for k, (node, _, _) in enumerate(self.factors)
            if isinstance(node, Leaf) and node.kind == kind
        ]

    def _units(self) -> bool:
        """e_k[i] e_k[i] = e_k[i]; e_k[i] e_l[i] = 0; Σ_i e_k[i] = 1."""
        seen: dict[Label, Leaf] = {}
        for k in self._leaves("unit"):
            node, (label,), _ = self.factors[k]
            assert isinstance(node, Leaf)
            other = seen.get(label)
            if other is not None:
                if other is node:
                    del self.factors[k]
                    return True
                if (other.params[0] - node.params[0]).value is not None:
                    self.coefficient = 0
                    return False
            seen[label] = node
            others = [n for n, f in enumerate(self.factors) if n != k and label in f[1]]
            if label in self.summed and len(others) > 1:
                self._split_at(node, label, others)
                return True
            if label not in self.out and self.uses(label) == 1:
                del self.factors[k]
                self.summed.discard(label)
                return True
        return False

    def _split_at(self, node: Leaf, label: Label, others: list[int]) -> None:
        """Σ_i e_k[i] f[i] g[i] = (Σ_i e_k[i] f[i]) (Σ_i e_k[i] g[i])"""
        for n in others[1:]:
            factor, labels, power = self.factors[n]
            own: Label = ("at", label, n)
            self.dims[own] = self.dims[label]
            self.summed.add(own)
            self.factors[n] = (factor, tuple([own if x == label else x for x in labels]), power)
            self.factors.append((node, (own,), 1))

    def _selections(self) -> bool:
        """Rows of the identity: S S' = I, disjoint selections are orthogonal, and a
        selection picks from a unit vector."""
        places = self._leaves("select")
        for k in places:
            node, (row, column), _ = self.factors[k]
            assert isinstance(node, Leaf)
            if column in self.out:
                continue
            for j, (other, labels, _) in enumerate(self.factors):
                if j == k or not isinstance(other, Leaf) or column not in labels:
                    continue
                if self.uses(column) != 2:
                    continue
                done = (
                    other.kind == "select"
                    and labels[1] == column
                    and self._select_with_select(k, j, node, other, row, labels[0])
                ) or (other.kind == "unit" and self._select_with_unit(k, j, node, other, row))
                if done:
                    self.summed.discard(column)
                    return True
        return False

    def _select_with_select(
        self, k: int, j: int, node: Leaf, other: Leaf, row: Label, row2: Label
    ) -> bool:
        gap = (other.params[0] - node.params[0]).value
        same = gap == 0 and node.axes[0] is other.axes[0]
        after = (other.params[0] - node.params[0] - node.axes[0]).value
        before = (node.params[0] - other.params[0] - other.axes[0]).value
        if not same and not (after is not None and after >= 0):
            if not (before is not None and before >= 0):
                return False
        drop = {k, j}
        self.factors = [f for n, f in enumerate(self.factors) if n not in drop]
        if same:
            self.factors.append((leaf("delta", (node.axes[0],) * 2), (row, row2), 1))
        else:
            self.coefficient = 0
        return True

    def _select_with_unit(self, k: int, j: int, node: Leaf, other: Leaf, row: Label) -> bool:
        inside = other.params[0] - node.params[0]
        low, high = inside.value, (inside - node.axes[0]).value
        if (low is not None and low < 0) or (high is not None and high >= 0):
            self.coefficient = 0
            return True
        known = low is not None and (high is not None or node.axes[0].value is None)
        if not known and not (high is not None and high < 0):
            return False
        self.factors = [f for n, f in enumerate(self.factors) if n not in (k, j)]
        self.factors.append((leaf("unit", (node.axes[0],), (inside,)), (row,), 1))
        return True

    def _joined_axes(self) -> bool:
        """F[I,i,j] F[I,k,l] = F[I,i,j] δ_ik δ_jl, F[I,i,j] F[J,i,j] = F[I,i,j] δ_IJ,
        and Σ_I F[I,i,j] = 1."""
        places = self._leaves("flatten")
        for a, k in enumerate(places):
            node, labels, _ = self.factors[k]
            if labels[0] not in self.out and self.uses(labels[0]) == 1:
                del self.factors[k]
                self.summed.discard(labels[0])
                return True
            for j in places[a + 1 :]:
                other, labels2, _ = self.factors[j]
                if node is not other:
                    continue
                if labels[0] == labels2[0]:
                    pairs = [(labels[1], labels2[1]), (labels[2], labels2[2])]
                elif labels[1:] == labels2[1:]:
                    pairs = [(labels[0], labels2[0])]
                else:
                    continue
                del self.factors[j]
                for first, second in pairs:
                    size = self.dims[first]
                    self.factors.append((leaf("delta", (size, size)), (first, second), 1))
                return True
        return False

    def merge_powers(self) -> None:
        """f^p f^q = f^(p+q) on equal labels; f^0 = 1 (its domain is the input's to state)."""
        merged: dict[Any, tuple[tuple[Label, ...], Coefficient]] = {}
        for node, labels, power in self.factors:
            key: Any = (node, labels)
            if key not in merged and len(labels) == 2 and is_symmetric(node):
                flipped = (node, labels[::-1])
                if flipped in merged:
                    key = flipped
            found = merged.get(key)
            if found is None:
                merged[key] = (labels, power)
            elif isinstance(node, Leaf) and node.kind in _ZERO_ONE:
                continue
            else:
                merged[key] = (found[0], exact(found[1] + power))
        if len(merged) < len(self.factors):
            self.factors = [(key[0], key[1], p) for key, (_, p) in merged.items() if p]
        if self.factors:
            self._function_products()

    def _function_products(self) -> None:
        """Laws f(x)^p = … and f(x)^p g(x)^q = …, declared by the function records."""
        for k, (node, labels, power) in enumerate(self.factors):
            if not isinstance(node, Apply) or not node.fn.elementwise:
                continue
            found = self._power_law(node, power) or self._product_law(k)
            if found is not None:
                gone, news = found
                rest = [f for n, f in enumerate(self.factors) if n not in (k, gone)]
                self.factors = rest
                for new, p in news:
                    self._multiply(new, labels, p)
                self.merge_powers()
                return

    @staticmethod
    def _power_law(node: Apply, power: Coefficient) -> tuple[int, Powers] | None:
        if power == 1 or node.fn.power_law is None:
            return None
        found = node.fn.power_law(node, power)
        return None if found is None else (-1, found)

    def _product_law(self, k: int) -> tuple[int, Powers] | None:
        node, labels, power = self.factors[k]
        assert isinstance(node, Apply)
        for law in node.fn.product_laws:
            for j, (other, labels2, power2) in enumerate(self.factors):
                if j != k and labels2 == labels:
                    found = law(node, power, other, power2)
                    if found is not None:
                        return j, found
        return None

    def _multiply(self, node: Node, labels: tuple[Label, ...], power: Coefficient) -> None:
        """One more factor, which may be a number."""
        if isinstance(node, Contraction) and not node.factors and power == 1:
            self.coefficient *= node.coefficient
        else:
            self.put(node, labels, power)

    def _network_laws(self) -> bool:
        """Laws between a function of matrices and its neighbours, such as inv(X) X = I."""
        for k, (node, _, _) in enumerate(self.factors):
            if not isinstance(node, Apply):
                continue
            inner = node.args[0]
            laws = [node.fn.network_law]
            if isinstance(inner, Apply) and node.fn.name == "inv":
                laws.append(inner.fn.inverse_law)
            if any(law is not None and law(self, k) for law in laws):
                self._eliminate_deltas()
                self.merge_powers()
                return True
        return False

    def linked_once(self, label: Label) -> bool:
        """Whether a label is summed and joins just two factors."""
        return label in self.summed and self.uses(label) == 2

    def replace(self, gone: set[int], news: list[Entry], closed: tuple[Label, ...] = ()) -> None:
        """Take factors out and put others in; labels ``closed`` are summed no more."""
        self.factors = [f for n, f in enumerate(self.factors) if n not in gone]
        for node, labels, power in news:
            self.put(node, labels, power)
        self.summed.difference_update(closed)

    def absorb(self, node: Node, labels: tuple[Label, ...]) -> None:
        """A new factor that may itself be a product or a sum; it is opened up later."""
        self.pending.append((node, labels, 1))

    def _known_values(self) -> None:
        """Σ y = 1 for a simplex or onehot y, y² = 1 for ±1 entries, y² = y for 0/1 ones."""
        changed: list[Entry] = []
        for node, labels, power in self.factors:
            structure = node.structure if isinstance(node, Symbol) else frozenset()
            if structure & _SUM_ONE and power == 1 and self.uses(labels[0]) == 1:
                if labels[0] in self.summed:
                    self.summed.discard(labels[0])
                    continue
            if isinstance(power, int) and power > 1 and structure:
                if "pm1" in structure:
                    power %= 2
                elif structure & _ZERO_ONE_ENTRIES:
                    power = 1
            if power:
                changed.append((node, labels, power))
        self.factors = changed

    def _orthogonal(self) -> None:
        """Q'Q = I for a symbol declared orthogonal."""
        for k, (node, labels, power) in enumerate(self.factors):
            if not (isinstance(node, Symbol) and "orthogonal" in node.structure and power == 1):
                continue
            for j in range(k + 1, len(self.factors)):
                other, labels2, power2 = self.factors[j]
                if other is not node or power2 != 1:
                    continue
                for a in (0, 1):
                    link = labels[a]
                    if link == labels2[a] and self.linked_once(link):
                        ends = (labels[1 - a], labels2[1 - a])
                        identity = leaf("delta", (node.axes[0],) * 2)
                        self.replace({j, k}, [(identity, ends, 1)], (link,))
                        self._eliminate_deltas()
                        self.merge_powers()
                        return self._orthogonal()
        return None

    def _count_absent_labels(self) -> None:
        """Σ_i 1 = n for a summed label that no factor carries."""
        carried = {label for _, labels, _ in self.factors for label in labels}
        for label in [x for x in self.dims if x in self.summed and x not in carried]:
            size = self.dims[label]
            if size.value is not None:
                self.coefficient *= size.value
            else:
                self.factors.append((leaf("size", (), (size,)), (), 1))
            self.summed.discard(label)

    def closed_components(self) -> list[list[Entry]]:
        """Connected groups of factors that share no label with the output.

        Empty when such a group is the whole network.
        """
        if not self.summed:
            return []
        group: dict[Label, int] = dict.fromkeys(self.out, -1)
        members: dict[int, list[int]] = {-1: []}
        for k, (_, labels, _) in enumerate(self.factors):
            if not labels:
                continue
            touched = {group[x] for x in labels if x in group}
            target = -1 if -1 in touched else min(touched, default=k)
            members.setdefault(target, []).append(k)
            for other in touched - {target}:
                members[target].extend(members.pop(other))
                for label, g in group.items():
                    if g == other:
                        group[label] = target
            for label in labels:
                group[label] = target
        closed = [sorted(ks) for g, ks in members.items() if g != -1]
        if len(closed) == 1 and len(closed[0]) == len(self.factors) and not self.out:
            return []
        taken = [[self.factors[k] for k in ks] for ks in closed]
        gone = {k for ks in closed for k in ks}
        self.factors = [f for k, f in enumerate(self.factors) if k not in gone]
        return taken
