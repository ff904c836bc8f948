"""How a task is to be compiled."""

from __future__ import annotations

from typing import Any

from gradform.errors import InputError
from gradform.language import joined, say
from gradform.records import record

__all__ = ["DTYPES", "Options"]

DTYPES = ("float64", "float32")
# More threads than this no machine has; some libraries end the process when asked for them.
_MOST_THREADS = 1024


@record
class Options:
    """What every backend takes.

    dtype       of the arrays that are computed with: ``float64`` or ``float32``
    batch       names of the parameters that have a further, leading axis, all of the same
                length; every output then has it too
    dense       outputs as arrays; else as linear operators that keep their structure
    threads     how many threads large arrays are worked on with; None: as the library does
    check       run the first call of new code by plainer code too, and stay there if it differs:
                NumPy code by the source as it is read, native code by NumPy code
    fast_math   allow the C compiler to change values as if there were no rounding, NaN or Inf
    mesh        JAX devices (``jax.sharding.Mesh``) over whose first axis rows are parted
    sizes       by name, for source that is written for certain sizes
    """

    dtype: str = "float64"
    batch: tuple[str, ...] = ()
    dense: bool = True
    threads: int | None = None
    check: bool = True
    fast_math: bool = False
    mesh: Any = None
    sizes: Any = None

    def __post_init__(self) -> None:
        threads = self.threads
        if threads is not None and not (isinstance(threads, int) and 1 <= threads <= _MOST_THREADS):
            raise InputError(
                say("There cannot be {threads} threads.", threads=repr(threads)),
                kind="option",
                hint=say("give a whole number from 1 to {most}, or None", most=_MOST_THREADS),
            )
        if self.mesh is not None and not hasattr(self.mesh, "axis_names"):
            raise InputError(
                say("'{name}' cannot be {value}.", name="mesh", value=repr(self.mesh)),
                kind="option",
                hint=say("give a jax.sharding.Mesh"),
            )
        for name in ("dense", "check", "fast_math"):
            if not isinstance(getattr(self, name), bool):
                raise InputError(say("'{name}' is True or False.", name=name), kind="option")
        if self.dtype not in DTYPES:
            raise InputError(
                say("There is no dtype {dtype} here.", dtype=repr(self.dtype)),
                kind="option",
                hint=say("give one of {known}", known=joined(DTYPES)),
            )
