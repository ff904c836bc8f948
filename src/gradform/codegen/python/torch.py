"""PyTorch source for a task."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType

from gradform.codegen.python.dialect import ITEMS, Dialect, SourceOptions
from gradform.codegen.python.helpers_torch import TORCH_HELPERS
from gradform.codegen.python.module import write_task
from gradform.codegen.task import Task
from gradform.codegen.text.pieces import Numerals, Precedence, Text, atom, bracketed, call_text

__all__ = ["Torch", "source"]


class Torch(Dialect):
    """PyTorch. New tensors have the type and the device of the arguments."""

    language = "torch"
    title = "PyTorch"
    module = "torch"
    modules = MappingProxyType(
        {"np": "torch", "special": "torch.special", "linalg": "torch.linalg"}
    )
    numerals = Numerals(2**53, "torch.inf")
    reserved = frozenset({"ValueError", "like", "torch", "tuple", *ITEMS})
    helpers = TORCH_HELPERS
    axis = "dim"
    concatenate = "cat"
    vmap = "torch.func.vmap"

    def __init__(self, dtype: str) -> None:
        self._dtype = f"torch.{dtype}"

    def imports(self, body: str) -> str:
        return "import torch\n"

    def opening(self, parameters: Sequence[str], body: str) -> list[str]:
        lines: list[str] = []
        if parameters:
            given = ", ".join(f"{name}={name}" for name in parameters)
            comma = "," if len(parameters) == 1 else ""
            lines.append(f"{', '.join(parameters)}{comma} = _tensors({self._dtype}, {given})")
        if re.search(r"\blike\b", body):
            known = f'"dtype": {self._dtype}'
            if parameters:
                first = parameters[0]
                known = f'"dtype": {first}.dtype, "device": {first}.device'
            lines.append(f"like = {{{known}}}")
        return lines

    def shape_shown(self, name: str) -> str:
        return f"tuple({name}.shape)"

    # ------------------------------------------------------------ numbers

    @property
    def typed(self) -> tuple[str, ...]:
        return ("**like",)

    def shape(self, sizes: Sequence[str]) -> str:
        return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"

    def constant(self, name: str) -> Text:
        if name == "EulerGamma":
            return atom("0.5772156649015329")
        return super().constant(name)

    def array_of(self, number: Text) -> Text:
        return self.call("full", "()", number.code, *self.typed)

    # ------------------------------------------------------------ arrays

    def identity(self, rows: str, columns: str, offset: str) -> Text:
        if offset == "0":
            sizes = [rows] if rows == columns else [rows, columns]
            return self.call("eye", *sizes, *self.typed)
        whole = self.call("eye", columns, *self.typed).code
        return atom(f"{whole}[{offset} : {offset} + {rows}]")

    def triangle(self, size: str) -> Text:
        ones = self.call("ones", f"({size}, {size})", *self.typed).code
        return self.call("tril", ones)

    def permuted(self, code: str, order: Sequence[int]) -> str:
        return f"{code}.permute({', '.join(map(str, order))})"

    def diagonal(self, code: str, places: Sequence[int]) -> Text:
        named = zip(("dim1", "dim2"), places, strict=False)
        return self.call("diagonal", code, *(f"{name}={place}" for name, place in named))

    def cumulated(self, code: str, axis: int, rank: int, *, backwards: bool) -> Text:
        if not backwards:
            return self.call("cumsum", code, f"dim={axis}")
        flipped = self.call("flip", code, f"dims=({axis},)").code
        sums = self.call("cumsum", flipped, f"dim={axis}").code
        return self.call("flip", sums, f"dims=({axis},)")

    def tensordot(self, codes: Sequence[str], left: Sequence[int], right: Sequence[int]) -> Text:
        return self.call("tensordot", *codes, f"dims=({list(left)}, {list(right)})")

    def solved(self, matrices: Text, sides: Text, stacked: Sequence[bool]) -> Text:
        """A matrix of as many rows as there are systems would be taken for vectors."""
        code = sides.code if stacked[1] else f"{bracketed(sides, Precedence.ATOM)}[None]"
        return self.call("linalg.solve", matrices.code, code)

    def kron(self, left: str, right: str) -> Text:
        return call_text("_kron", left, right)

    def dot(self, left: str, right: str, rank: int) -> Text:
        if rank == 1:
            return self.call("dot", left, right)
        return self.call("sum", self.call("mul", left, right).code)

    def logsumexp(self, code: str, axes: Sequence[int], rank: int) -> Text:
        return self.call("logsumexp", code, f"dim={_places(axes)}")

    def softmax(self, code: str, axes: Sequence[int], rank: int) -> Text:
        if len(axes) == 1:
            return self.call("softmax", code, f"dim={axes[0]}")
        return call_text("_softmax", code, f"dim={_places(axes)}")

    def copied(self, code: str) -> str:
        return f"{code}.clone()"


def _places(axes: Sequence[int]) -> str:
    return str(axes[0]) if len(axes) == 1 else str(tuple(axes))


def source(task: Task, options: SourceOptions) -> str:
    """A function that needs PyTorch alone; of one example, or mapped over a batch.

    It compiles as one graph, can be differentiated and mapped further.
    """
    return write_task(Torch(options.dtype), task, options.batch)
