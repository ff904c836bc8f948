"""A function and its products of a cotangent with the Jacobian, as tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradform.codegen.task import Task
from gradform.records import record

__all__ = ["Called", "WithProducts"]


@record
class WithProducts:
    """What automatic differentiation asks of a function.

    value       the function
    products    one output for each variable of ``wrt``, labelled with its name: the
                cotangent times the Jacobian, in the shape of the variable
    wrt         the variables that it can be differentiated by
    cotangent   the parameter of ``products`` that has the shape of the value
    """

    value: Task
    products: Task
    wrt: tuple[str, ...]
    cotangent: str

    @property
    def fixed(self) -> tuple[str, ...]:
        """The variables that it cannot be differentiated by."""
        return tuple(each.name for each in self.value.parameters if each.name not in self.wrt)

    def products_by(self, names: Sequence[str]) -> Task:
        """The products for some variables."""
        return self.products.only([self.label(name) for name in names])

    def label(self, name: str) -> str:
        """The label of the product for a variable."""
        return self.products.outputs[self.wrt.index(name)].label


class Called:
    """Generated code for arrays and sizes by name; its outputs are always a tuple."""

    def __init__(self, function: Callable[..., Any], task: Task) -> None:
        self._function = function
        self._names = (*(parameter.name for parameter in task.parameters), *task.sizes)
        self._is_single = len(task.outputs) == 1

    def __call__(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        found = self._function(*[given[name] for name in self._names])
        return (found,) if self._is_single else tuple(found)
