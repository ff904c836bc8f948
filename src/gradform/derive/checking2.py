import numpy as np
from gradform.verify.interpreter import compile_formula
from typing import *
from collections.abc import Callable, Mapping
Array=Any; Solution=Any
def formula_as_tensor(solution: Solution) -> Callable[..., Array]:
    """The displayed formula as a function to the neutral tensor."""
    formula = solution.formula
    assert formula is not None
    arrangement = solution.arrangement
    compiled: dict[tuple[tuple[str, int], ...], Any] = {}

    def evaluate(env: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
        key = tuple(sorted(sizes.items()))
        if key not in compiled:
            compiled[key] = compile_formula(formula, set(env), sizes)
        shown = compiled[key](env)
        numbers = [axis.evaluate(sizes) for axis in arrangement.axes]
        order = arrangement.rows + arrangement.cols
        wanted = (
            int(np.prod([numbers[k] for k in arrangement.rows], dtype=int)),
            int(np.prod([numbers[k] for k in arrangement.cols], dtype=int)),
        )
        if shown.shape != wanted:
            return np.asarray(shown)
        grid = shown.reshape([numbers[k] for k in order])
        return grid.transpose(np.argsort(order)) if order else grid.reshape(())

    return evaluate


