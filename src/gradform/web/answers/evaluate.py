"""Value, derivative and limit at numbers that somebody gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from gradform.derive.answer import Derivative
from gradform.errors import CannotError, LimitError
from gradform.language import say
from gradform.web.answers.numbers import check_rows
from gradform.web.answers.question import asked_derivative

__all__ = ["evaluate"]

_MOST_LIMITS = 2_000

Array = npt.NDArray[Any]


def evaluate(body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to ``POST /api/v1/evaluate``.

    ``difference`` takes the limit definition at these numbers, entry by entry. What is not
    finite, or has no limit, is null.
    """
    found = asked_derivative(body)
    arrays = _arrays(found, body["values"])
    try:
        with np.errstate(all="ignore"):
            value, derived = np.asarray(found.value(**arrays)), np.asarray(found(**arrays))
    except np.linalg.LinAlgError as error:
        text = say("There is no value at these numbers: {reason}.", reason=error)
        raise CannotError(text, kind="array") from None
    _check_count(found, arrays)
    limit = np.asarray(found.difference(**arrays))
    return {
        "value": _as_json(value),
        "derivative": _as_json(derived),
        "difference": _as_json(limit),
        "worst_error": _worst_error(derived, limit),
    }


def _arrays(found: Derivative, values: Mapping[str, Any]) -> dict[str, Any]:
    """Arrays as the variables take them; a row may be given as a list."""
    arrays: dict[str, Any] = {}
    for name, value in values.items():
        shape = found.shapes.get(name)
        check_rows(name, value)
        array = np.array(value, float)
        is_list_for_row = shape is not None and len(shape) == 2 and shape[0] == 1
        arrays[name] = array[np.newaxis] if is_list_for_row and array.ndim == 1 else array
        if shape is None and isinstance(value, int):
            arrays[name] = value  # a size
    return arrays


def _check_count(found: Derivative, arrays: Mapping[str, Any]) -> None:
    """Entry by entry takes as many limits as there are entries."""
    count = 1
    for name in found.wrt:
        count *= np.size(arrays.get(name, 0))
    if count > _MOST_LIMITS:
        raise LimitError(
            say(
                "The limit is taken at most {most:,} times, once for each entry; here it would "
                "be {count:,} times.",
                most=_MOST_LIMITS,
                count=count,
            ),
            kind="too_long",
        )


def _worst_error(derived: Array, limit: Array) -> float | None:
    """The largest difference, relative to the largest entry; None where one is not finite."""
    if derived.size == 0:
        return 0.0
    scale = float(np.max(np.abs(limit)))
    worst = float(np.max(np.abs(derived - limit)))
    found = worst / scale if scale else worst
    return found if np.isfinite(found) else None


def _as_json(array: Array) -> Any:
    if array.ndim == 0:
        number = float(array)
        return number if np.isfinite(number) else None
    return [_as_json(part) for part in array]
