"""What is asked of every writer and compiler: outputs, variables, sizes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.telling import sizes_told
from gradform.functions.shapes import Shape
from gradform.ir.dims import Dim
from gradform.ir.nodes import Leaf, Node, topological
from gradform.records import record, replaced

__all__ = ["Output", "Parameter", "Task", "size_names"]


class Parameter(NamedTuple):
    """A variable of the function that is to be written."""

    name: str
    shape: Shape
    structure: frozenset[str] = frozenset()

    @property
    def axes(self) -> tuple[Dim, ...]:
        return self.shape.axes


class Output(NamedTuple):
    """An expression, the name of its value, and how its array is laid out.

    ``others`` are equal forms of the expression, any of which may make the program. A Jacobian
    or Hessian is a linear map: the first ``split`` axes of its array are those of its value;
    0 for what is no map. ``symmetric`` says that it is equal to its transpose.
    """

    label: str
    node: Node
    arrangement: Arrangement
    others: tuple[Node, ...] = ()
    split: int = 0
    symmetric: bool = False

    @property
    def shape(self) -> tuple[Dim, ...]:
        """The shape of the array."""
        how = self.arrangement
        return how.shape if how.shape is not None else tuple(self.node.axes[k] for k in how.axes)


def size_names(nodes: Iterable[Node]) -> set[str]:
    """The sizes that some expressions mention: as axes, as places, as numbers."""
    sizes: set[Dim] = set()
    for part in topological(*nodes):
        sizes.update(part.axes)
        if isinstance(part, Leaf):
            sizes.update(part.params)
    return {name for size in sizes for name in size.names}


@record
class Task:
    """A function that is to be written: ``outputs`` of ``parameters``.

    ``parameters`` are in the order of the call. One output is returned as itself, several
    as a tuple. ``sizes`` are the size names that the parameters do not tell: further
    integer arguments, after the parameters. ``unused`` are variables that no output needs:
    arrays may be given for them, which nobody looks at.
    """

    name: str
    outputs: tuple[Output, ...]
    parameters: tuple[Parameter, ...]
    docstring: str = ""
    unused: tuple[str, ...] = ()

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(output.node for output in self.outputs)

    @property
    def arranged(self) -> list[tuple[str, Node, Arrangement]]:
        """Label, expression and arrangement of every output."""
        return [output[:3] for output in self.outputs]

    @property
    def sizes(self) -> tuple[str, ...]:
        told, asked = sizes_told(each.axes for each in self.parameters)
        shapes = (axis for each in self.outputs for axis in each.shape)
        needed = size_names(self.nodes).union(*(axis.names for axis in shapes))
        return tuple(sorted(asked | needed - told))

    def only(self, labels: Sequence[str]) -> Task:
        """The same function with some of its outputs."""
        kept = tuple(output for output in self.outputs if output.label in labels)
        return replaced(self, outputs=kept)
