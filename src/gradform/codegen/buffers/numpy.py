"""What runs on NumPy for a task."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from gradform.codegen.buffers.statements import BufferWriter
from gradform.codegen.passes.numbers import numbers_inside
from gradform.codegen.python.helpers import NUMPY_HELPERS
from gradform.codegen.python.module import Planned, plan, write_task
from gradform.codegen.python.numpy import Numpy
from gradform.codegen.task import Task
from gradform.functions.record import Function

__all__ = ["program_plan", "program_source"]


_ARRAY = '''\
def _array(values, name):
    """An array of real numbers."""
    if np.ma.is_masked(values):
        raise ValueError(f"{name} has masked entries")
    values = np.asarray(values)
    if values.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold real numbers, got {values.dtype}")
    return values.astype(FLOAT, copy=False)
'''


class _Compiled(Numpy):
    """Arrays of the right kind are taken as they are: one look tells. SciPy is there."""

    helpers = MappingProxyType({**NUMPY_HELPERS, "_array": _ARRAY})
    reserved = Numpy.reserved | {"type"}

    def converted(self, name: str) -> list[str]:
        return [
            f"if type({name}) is not np.ndarray or {name}.dtype is not FLOAT:",
            f'    {name} = _array({name}, "{name}")',
        ]

    def template(self, function: Function) -> str | None:
        return function.spell.get("scipy") or super().template(function)

    def scalar_as_number(self, name: str) -> list[str]:
        return [f"{name} = {name}[()]"]

    @property
    def typed(self) -> tuple[str, ...]:
        return ("dtype=FLOAT",)

    def preamble(self) -> list[str]:
        return [f'FLOAT = np.dtype("{self.dtype}")']


def program_source(
    task: Task,
    sizes: Mapping[str, int] | None = None,
    *,
    batch: Collection[str] = (),
    dtype: str = "float64",
    planned: Planned | None = None,
    checked: bool = True,
) -> str:
    """Source of the task's function, planned for these sizes and right for all.

    Without checks it is for arrays that are known to fit.
    """
    if planned is None:
        planned = program_plan(task, sizes, batch=batch)
    inside = numbers_inside(*planned)
    return write_task(
        _Compiled(dtype), task, batch, writer=BufferWriter, planned=inside, checked=checked
    )


def program_plan(
    task: Task, sizes: Mapping[str, int] | None = None, *, batch: Collection[str] = ()
) -> Planned:
    """What :func:`program_source` writes down."""
    return plan(_Compiled(), task, batch, sizes)
