"""The forms of an entry, compared with limits at random points. Needs NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.task import Output
from gradform.derive.checking import as_certified, natural, numpy_function, room_for_elements
from gradform.derive.pipeline import Solution
from gradform.derive.tasks import Part, joint_task
from gradform.ir.nodes import Node
from gradform.verify.certificate import Candidate, certify
from gradform.verify.interpreter import Array, Environment

__all__ = ["confirmed"]


def confirmed(solution: Solution, nodes: Sequence[Node]) -> list[float]:
    """The error of each form, a tensor with the axes of the value, then of the variable.

    Raises UnconfirmedError for one that is not the derivative.
    """
    function = solution.function
    errors = []
    for node in nodes:
        candidate = as_certified(_as_tensor(solution, node), solution)
        certificate = certify(
            function.program,
            function.shapes,
            function.variables,
            [target.name for target in solution.targets],
            {"form": candidate},
            size_conditions=[*solution.question.conditions, *room_for_elements(solution)],
            points_per_size=1,
        )
        errors.append(certificate.worst_error)
    return errors


def _as_tensor(solution: Solution, node: Node) -> Candidate:
    function = solution.function
    output = Output("form", node, Arrangement(tuple(range(node.rank)), None))
    part = Part(output, function.variables, "")
    code = numpy_function(joint_task("form", [part], ""), function)
    shapes = {name: variable.shape for name, variable in function.variables.items()}

    def evaluate(env: Environment, sizes: Mapping[str, int]) -> Array:
        given: dict[str, Any] = {name: natural(env[name], shapes[name]) for name in shapes}
        given |= {name: sizes[name] for name in code.sizes}
        return np.asarray(code(**given))

    return evaluate
