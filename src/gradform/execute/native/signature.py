"""What a native kernel takes and gives: arrays made fit for it, errors that name the variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradform.errors import ArrayError
from gradform.execute.values import real_array
from gradform.language import say
from gradform.records import record

__all__ = ["Array", "Signature"]

Array = NDArray[Any]


@record
class Signature:
    """The sizes and the names of a kernel, which is made for just these.

    names           of the inputs, in the order of the call
    shapes          of the inputs, without the leading axis of a batch
    rows            which inputs are row vectors: (1, n) is taken for (n,)
    batched         which inputs have a leading axis; if any has, every output has it too
    sizes           further integer arguments of the call, by name, and the values they must have
    outputs         names of the outputs
    output_shapes   without the leading axis of a batch
    cleared         which outputs must be zeros when the kernel is called
    dtype           ``float64`` or ``float32``
    work            bytes of scratch memory that the kernel needs
    failures        what the codes 1, 2, … that a kernel returns mean, for LinAlgError
    threads         how many threads the kernel is told to use
    long_running    whether other Python threads shall run while the kernel does
    """

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    outputs: tuple[str, ...]
    output_shapes: tuple[tuple[int, ...], ...]
    cleared: tuple[bool, ...] = ()
    rows: tuple[bool, ...] = ()
    batched: tuple[bool, ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
    dtype: str = "float64"
    work: int = 0
    failures: tuple[str, ...] = ()
    threads: int = 1
    long_running: bool = False

    @property
    def is_batched(self) -> bool:
        return any(self.batched)

    def is_row(self, place: int) -> bool:
        return bool(self.rows) and self.rows[place]

    def has_batch(self, place: int) -> bool:
        return bool(self.batched) and self.batched[place]

    def is_cleared(self, place: int) -> bool:
        return bool(self.cleared) and self.cleared[place]

    def failure(self, code: int) -> np.linalg.LinAlgError:
        """The error for what a kernel returned."""
        known = 0 < code <= len(self.failures)
        return np.linalg.LinAlgError(
            self.failures[code - 1] if known else "A matrix could not be factored."
        )

    # ------------------------------------------------------------ inputs

    def fitted(self, place: int, value: Any) -> Array | None:
        """An input as a contiguous array of the kernel's dtype; None when its shape differs.

        The leading axis of a batch stays. Raises ArrayError for what is not real numbers.
        """
        array = self.real(self.names[place], value)
        shape = self.shapes[place]
        lead = array.shape[:1] if self.has_batch(place) else ()
        own = array.shape[len(lead) :]
        if own != shape:
            if not (self.is_row(place) and own == (1, *shape)):
                return None
            array = array.reshape(lead + shape)
        if self.has_batch(place) and not lead:
            return None
        return np.require(array, requirements=["C", "A"])

    def real(self, name: str, value: Any) -> Array:
        """A value as an array of the kernel's dtype. Raises ArrayError naming the variable."""
        return real_array(name, value).astype(self.dtype, copy=False)

    # ------------------------------------------------------------ outputs

    def buffers(self, out: Any, count: int | None) -> list[Array]:
        """The arrays given for the outputs. Raises ArrayError for those that do not fit."""
        given = list(out) if isinstance(out, tuple | list) else [out]
        if len(given) != len(self.outputs):
            raise _refusal(
                say(
                    "out must be {count} arrays, got {given}.",
                    count=len(self.outputs),
                    given=len(given),
                )
            )
        for name, shape, array in zip(self.outputs, self.output_shapes, given, strict=True):
            self._check_buffer(name, shape if count is None else (count, *shape), array)
        for k, array in enumerate(given):
            if any(np.may_share_memory(array, other) for other in given[:k]):
                raise _refusal(
                    say(
                        "The arrays of out share memory: {output} needs its own.",
                        output=self.outputs[k],
                    )
                )
        return given

    def _check_buffer(self, name: str, shape: tuple[int, ...], array: Any) -> None:
        what = say("out for {name}", name=name) if len(self.outputs) > 1 else "out"
        wanted = say(
            "{what} must be a {dtype} array of shape {shape}",
            what=what,
            dtype=self.dtype,
            shape=shape,
        )
        if type(array) is not np.ndarray:
            raise _refusal(say("{wanted}, got {type}.", wanted=wanted, type=type(array).__name__))
        if array.dtype != np.dtype(self.dtype) or array.shape != shape:
            raise _refusal(
                say(
                    "{wanted}, got {dtype} of shape {shape}.",
                    wanted=wanted,
                    dtype=array.dtype,
                    shape=array.shape,
                )
            )
        if not (array.flags.c_contiguous and array.flags.aligned and array.flags.writeable):
            raise _refusal(say("{what} must be contiguous (in C order) and writeable.", what=what))


def _refusal(message: str) -> ArrayError:
    return ArrayError(message, kind="array")


def shares_memory(array: Array, others: Sequence[Array]) -> bool:
    """Whether the memory of an array meets that of one of the others."""
    return any(np.may_share_memory(array, other) for other in others)
