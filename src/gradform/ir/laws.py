"""Normal form of one contraction: the laws that hold for every product of tensors.

Identity elimination, unit vectors and selections, joined axes, merging of powers,
cancellation of inverses, sums over labels nobody carries. Each law is a method with the
equation it applies; none of them looks at more than the one network.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from gradform.ir.declared import known_values, orthogonal
from gradform.ir.dims import Dim
from gradform.ir.nodes import Apply, Coefficient, Contraction, Leaf, Node, Sum, Symbol, exact, leaf
from gradform.ir.selectors import simplify_selectors
from gradform.ir.structure import noted_symmetric

__all__ = ["Network", "sums_nothing"]

Label = Hashable
Entry = tuple[Node, tuple[Label, ...], Coefficient]

_SYMMETRIC = frozenset({"symmetric", "spd", "diagonal", "symmetric_toeplitz"})
Powers = list[tuple[Node, Coefficient]]

SumPowerLaw = Callable[[Sum, Coefficient], "Powers | None"]

SUM_POWER_LAWS: list[SumPowerLaw] = []
"""Equations (a + b)^p = …, such as 1/(1 + exp(-t)) = sigmoid(t); functions add theirs."""

_ZERO_ONE = frozenset({"delta", "unit", "select", "lower", "flatten"})


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
        """Add one factor that is in its canonical orientation."""
        if isinstance(node, Leaf) and node.kind in _ZERO_ONE:
            power = 1
        self.factors.append((node, labels, power))
        for label in labels:
            if label not in self.out:
                self.summed.add(label)

    # ------------------------------------------------------------ the laws, in order

    def simplify(self) -> None:
        """Apply the laws until none changes anything."""
        while self.coefficient:
            before = len(self.factors), len(self.summed)
            self._simplify_once()
            if self.pending:
                return  # factors still to be opened count as users of their labels
            if (len(self.factors), len(self.summed)) == before or not self.factors:
                return

    def _simplify_once(self) -> None:
        if any(isinstance(node, Leaf) and node.kind != "size" for node, _, _ in self.factors):
            self.eliminate_deltas()
            simplify_selectors(self)
        self.merge_powers()
        if self.pending:
            return
        if any(isinstance(node, Apply) for node, _, _ in self.factors):
            while not self.pending and self._network_laws():
                pass
            if self.pending:
                return
        if any(isinstance(node, Symbol) and node.structure for node, _, _ in self.factors):
            known_values(self)
            orthogonal(self)
        self._cancel_totals()
        self._count_absent_labels()

    def _rename(self, old: Label, new: Label) -> None:
        self.summed.discard(old)
        self.factors = [
            (node, tuple([new if x == old else x for x in labels]), power)
            if old in labels
            else (node, labels, power)
            for node, labels, power in self.factors
        ]

    def eliminate_deltas(self) -> None:
        """Σ_j δ_ij f_j = f_i; δ_ii = 1 under a sum; δ_ij f_j = δ_ij f_i."""
        outs = set(self.out)
        position = 0
        equal: list[tuple[Label, Label]] = []
        while position < len(self.factors):
            node, labels, _ = self.factors[position]
            if not (isinstance(node, Leaf) and node.kind == "delta"):
                position += 1
                continue
            i, j = labels
            del self.factors[position]
            if i == j:
                continue
            if j not in outs:
                self._rename(j, i)
            elif i not in outs:
                self._rename(i, j)
            else:
                equal.append((i, j))
        if equal:
            self._move_to_first_equal(equal)

    def _move_to_first_equal(self, equal: list[tuple[Label, Label]]) -> None:
        """δ_ij f_j = δ_ij f_i: factors use the first of the output labels that are equal, and
        each of the others is tied to that one."""
        place = {label: k for k, label in enumerate(self.out)}
        first: dict[Label, Label] = {}

        def leader(label: Label) -> Label:
            while label in first:
                label = first[label]
            return label

        for pair in equal:
            early, late = sorted((leader(x) for x in pair), key=place.__getitem__)
            if early != late:
                first[late] = early
        self.factors = [
            (node, tuple([leader(x) for x in labels]), power)
            for node, labels, power in self.factors
        ]
        for label in sorted(first, key=place.__getitem__):
            identity = leaf("delta", (self.dims[label], self.dims[label]))
            self.factors.append((identity, (leader(label), label), 1))

    def uses(self, label: Label) -> int:
        return sum(labels.count(label) for _, labels, _ in self.factors)

    def merge_powers(self) -> None:
        """f^p f^q = f^(p+q) on equal labels; f^0 = 1 (its domain is the input's to state)."""
        merged: dict[Any, tuple[tuple[Label, ...], Coefficient]] = {}
        for node, labels, power in self.factors:
            key: Any = (node, labels)
            if key not in merged and len(labels) == 2 and noted_symmetric(node):
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
        elif isinstance(node, (Sum, Contraction)):
            self.pending.append((node, labels, power))
        else:
            self.put(node, labels, power)

    def _network_laws(self) -> bool:
        """Laws between a function of matrices and its neighbours, such as inv(X) X = I."""
        for k, (node, _, _) in enumerate(self.factors):
            if not isinstance(node, Apply):
                continue
            laws = [node.fn.network_law]
            if node.fn.name == "inv" and isinstance(inner := node.args[0], Apply):
                laws.append(inner.fn.inverse_law)
            if any(law is not None and law(self, k) for law in laws):
                self.eliminate_deltas()
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

    def _cancel_totals(self) -> None:
        """(Σ_j f_ij) (Σ_j f_ij)^-1 = 1 where no other factor has the label j."""
        for k, (total, places, power) in enumerate(self.factors):
            if power >= 0 or not isinstance(total, Contraction) or total.coefficient != 1:
                continue
            summand = next((n for n in range(len(self.factors)) if self._sums_to(n, k)), None)
            if summand is None:
                continue
            private = [x for x in self.factors[summand][1] if x not in places]
            left: list[Entry] = [] if power == -1 else [(total, places, exact(power + 1))]
            self.replace({summand, k}, left, tuple(private))
            return

    def _sums_to(self, k: int, whole: int) -> bool:
        """Whether factor k, summed over labels that it alone has, is the total ``whole``."""
        node, own, power = self.factors[k]
        total, places, _ = self.factors[whole]
        assert isinstance(total, Contraction)
        if power != 1 or len(total.factors) != 1 or len(set(own)) < len(own):
            return False
        source, labels, inner = total.factors[0]
        if source is not node or inner != 1 or len(set(labels)) < len(total.dims):
            return False
        if len(total.dims) == total.rank or len(labels) != len(own):
            return False
        return all(
            own[n] == places[label]
            if label < total.rank
            else own[n] in self.summed and self.uses(own[n]) == 1
            for n, label in enumerate(labels)
        )

    def _count_absent_labels(self) -> None:
        """Σ_i 1 = n for a summed label that no factor carries."""
        counted = False
        carried = {label for _, labels, _ in self.factors for label in labels}
        for label in [x for x in self.dims if x in self.summed and x not in carried]:
            size = self.dims[label]
            if size.value is not None:
                self.coefficient *= size.value
            else:
                self.factors.append((leaf("size", (), (size,)), (), 1))
            self.summed.discard(label)
            counted = True
        if counted:
            self.merge_powers()

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
