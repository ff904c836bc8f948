"""Tasks as programs: the one entry for backends."""

from __future__ import annotations

from collections.abc import Container, Mapping

from gradform.codegen.lowering.forms import cheapest_program
from gradform.codegen.program.straight_line import Program, Value
from gradform.codegen.task import Task

__all__ = ["program_of"]


def program_of(
    task: Task, sizes: Mapping[str, int] | None = None, known: Container[type] = ()
) -> tuple[Program, list[Value]]:
    """The program of a task and the values of its outputs, in order.

    ``sizes`` are the actual ones, by name. They decide in which order products are
    contracted and which form of an output is the cheapest; the program is right for all
    other sizes too. ``known`` are the operations that may be used beyond those that every
    writer knows (:data:`gradform.codegen.passes.plain.EXTRA`).
    """
    return cheapest_program(task, sizes, known)
