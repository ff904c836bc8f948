"""What the writers of statements share: where arrays are, which rows are worked on, the text."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from gradform.codegen.native.definitions.index import Index, constant, variable
from gradform.codegen.native.statements.entries import Entries
from gradform.codegen.native.statements.writer import Lines
from gradform.codegen.native.storage.axes import Passes
from gradform.codegen.native.storage.memory import Place, Scratch
from gradform.codegen.native.storage.plan import Plan
from gradform.records import record

__all__ = ["Bounds", "Context"]


@record
class Bounds:
    """The indices that a loop runs over; ``size`` is how many at most."""

    name: str
    size: int
    rows: bool = False

    @property
    def start(self) -> str:
        return "r0" if self.rows else "0"

    @property
    def stop(self) -> str:
        return "r1" if self.rows else str(self.size)

    @property
    def count(self) -> str:
        return "(r1 - r0)" if self.rows else str(self.size)

    @property
    def index(self) -> Index:
        """The variable; 0 where there is but one index."""
        return constant(0) if self.size == 1 and not self.rows else variable(self.name)

    @property
    def trivial(self) -> bool:
        return self.size == 1 and not self.rows


class Context:
    """The plan, the memory and the lines of one function."""

    def __init__(self, plan: Plan, passes: Passes | None, real: str, threads: int = 1) -> None:
        self.plan = plan
        self.arrays = plan.arrays
        self.passes = passes
        self.real = real
        self.threads = threads
        self.places: dict[int, Place] = {}
        self.entries = Entries(plan.arrays, self.places)
        self.scratch = Scratch()
        # The name of the scratch memory, and the first row of what is worked on at a time.
        self.memory, self.begin = "work", "0"
        self.lines = Lines()
        self.failures: list[str] = []
        self.in_pass = False
        self.cleared: set[str] = set()
        self.routines: set[str] = set()
        self.temporaries: list[tuple[int, int]] = []

    # ------------------------------------------------------------ rows

    def row_axis(self, array: int) -> int | None:
        """The axis of which only the rows of this block are worked on."""
        if self.in_pass and self.passes is not None and array in self.passes.rows:
            return self.passes.axis.get(array)
        return None

    def accumulates(self, array: int) -> bool:
        """Whether an array is added to by each block."""
        return self.in_pass and self.passes is not None and self.passes.accumulated(array)

    def comes_cleared(self, array: int) -> bool:
        """Whether an array is zeros when the function is called: an output alone in its memory.

        The system hands out fresh memory as zeros, and what stays zero is never touched.
        """
        if self.in_pass or not self.is_alone(array) or array not in self.plan.outputs:
            return False
        self.cleared.add(self.places[array].name)
        return True

    def is_alone(self, array: int) -> bool:
        """Whether no other array uses the same memory."""
        name = self.places[array].name
        return [place.name for place in self.places.values()].count(name) == 1

    @property
    def beta(self) -> str:
        """For an array that blocks are added to: 0 for the first of them, else 1."""
        return f"r0 > {self.begin} ? 1 : 0"

    def is_parallel(self, volume: int) -> bool:
        """Whether a loop with so much work runs on threads."""
        return not self.in_pass and self.threads > 1 and volume >= PARALLEL

    def independent(self, volume: int) -> None:
        """The directive for a loop whose turns do not depend on one another."""
        if self.is_parallel(volume):
            self.lines.add("#pragma omp parallel for simd num_threads(threads)")
        else:
            self.lines.add("#pragma omp simd")

    def bounds(self, array: int) -> list[Bounds]:
        """A loop for each axis."""
        axis = self.row_axis(array)
        shape = self.arrays[array].shape
        return [Bounds(f"i{k}", size, k == axis) for k, size in enumerate(shape)]

    # ------------------------------------------------------------ loops

    def nest(self, stack: ExitStack, loops: Sequence[Bounds]) -> None:
        """Open loops; what is added until the stack is closed stands inside."""
        for each in loops:
            if not each.trivial:
                head = self.lines.loop(each.name, each.start, each.stop)
                stack.enter_context(self.lines.block(head))

    def innermost(self, stack: ExitStack, loop: Bounds, reduction: str = "") -> None:
        """Open a loop whose turns are independent but for a reduction."""
        if not loop.trivial:
            if loop.size >= VECTOR:
                clause = f" reduction({reduction})" if reduction else ""
                self.lines.add(f"#pragma omp simd{clause}")
            self.nest(stack, [loop])

    # ------------------------------------------------------------ memory for one statement

    def bytes_of(self, count: int) -> int:
        return count * (8 if self.real == "double" else 4)

    def temporary(self, array: int, label: str, count: int, kind: str = "R") -> str:
        """Scratch memory for the statement of an array; it is free again after that."""
        size = self.bytes_of(count) if kind == "R" else 4 * count
        offset = self.scratch.take(size)
        self.temporaries.append((offset, size))
        name = f"{label}{array}"
        self.lines.add(f"{kind} *const {name} = ({kind} *)({self.memory} + {offset});")
        return name

    def failure(self, message: str) -> int:
        """The code that is returned for it."""
        if message not in self.failures:
            self.failures.append(message)
        return 1 + self.failures.index(message)


# Loops of fewer turns are left to the compiler.
VECTOR = 4
# Loops with fewer entries run on one thread.
PARALLEL = 1 << 16
