"""Reading an expression back as matrix notation.

A contraction is a network of factors joined by labels. It is read by eliminating labels:
a label between two factors is a product, a label of one factor alone a row sum, a label
that several factors share a Hadamard product or a ``diag``; what is left over outer
products join. Every intermediate has at most two axes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gradform.formula.tree import Name
from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.nodes import Apply, Contraction, Leaf, Node, Sum, Symbol, topological
from gradform.notation import matrix
from gradform.notation.applied import write_application, write_leaf
from gradform.notation.matrix import Mat, Rank, Written
from gradform.notation.multiplied import write_product
from gradform.notation.network import Unreadable
from gradform.notation.subsums import Parts
from gradform.notation.summed import write_sum
from gradform.notation.vectorised import write_vec

__all__ = ["Reader", "Unreadable"]


class Reader:
    """Reads nodes bottom-up; every node once. ``read(node)`` is a :class:`Mat`.

    Raises :class:`Unreadable` for an expression that matrix notation does not reach.
    """

    def __init__(self, variable_names: Sequence[str] = (), rows: Collection[str] = ()) -> None:
        self.rows = rows
        self.variable_names = frozenset(variable_names)
        self.places = {name: k for k, name in enumerate(variable_names)}
        self.done: dict[Node, Mat] = {}
        self.parts: Parts = {}

    def read(self, root: Node) -> Mat:
        for node in topological(root, enter=lambda node: node not in self.done):
            if node not in self.done and node.rank <= 2:
                try:
                    mat = self.done[node] = self.fresh(node)
                except Unreadable:
                    if node is root:
                        raise
                    continue
                if mat.key is None and len(mat.parts) == 1:
                    mat.key = node
        found = self.done.get(root)
        if found is None:
            raise Unreadable(root)
        return found

    def known(self, node: Node) -> Mat:
        found = self.done.get(node)
        return found if found is not None else self.read(node)

    def fresh(self, node: Node) -> Mat:
        """The written form, from those of the children."""
        match node:
            case Symbol():
                return self._symbol(node)
            case Leaf():
                return write_leaf(self, node)
            case Sum():
                return write_sum(self, node)
            case Apply():
                return write_application(self, node)
            case Contraction():
                return write_product(self, node)
        raise Unreadable(node)

    def _symbol(self, node: Symbol) -> Mat:
        """A name; a declared row stands transposed, because vectors are read as columns."""
        word = matrix.name(node.name)
        if node.name in self.rows:
            return Mat(word, None, ("T", node)).T
        return Mat(word, (lambda: word) if build.is_symmetric(node) else None, node)

    def size(self, size: Dim) -> Written:
        """A dimension as a number."""
        if size.value is not None:
            return matrix.number(size.value)
        if size.names & self.variable_names:
            return matrix.call("sum", matrix.ones_written([size]).plain)
        return matrix.dim_written(size)

    def rank(self, written: Written) -> Rank:
        """Terms and factors come in the order in which the reader knows their names."""
        return *matrix.first_place(written.tree, self.places), written.cost

    def is_constant(self, written: Written) -> bool:
        """Whether a scalar is a size or pi, which stand before the variables: n*x."""
        return isinstance(written.tree, Name) and written.tree.name not in self.variable_names

    def read_vec(self, node: Node, rows: tuple[int, ...], cols: tuple[int, ...]) -> Mat:
        """The matrix with the given axes along its rows and columns, slowest first."""
        for kid in topological(node):
            if kid is not node and kid.rank <= 2 and kid not in self.done:
                self.read(kid)
        return write_vec(self, node, rows, cols)
