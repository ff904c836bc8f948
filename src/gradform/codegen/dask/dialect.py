"""How Dask source differs from NumPy source: only in the function that parts the arrays."""

from __future__ import annotations

from collections.abc import Collection

from gradform.codegen.dask.helpers import DASK_HELPERS
from gradform.codegen.python.helpers import NUMPY_HELPERS
from gradform.codegen.python.numpy import Numpy
from gradform.codegen.text.pieces import Text

__all__ = ["Dask", "DaskPart"]

HELPERS = {**NUMPY_HELPERS, **DASK_HELPERS}


class Dask(Numpy):
    """NumPy on chunks. ``parted`` are the parameters that are cut into chunks."""

    title = "Dask"
    reserved = Numpy.reserved | {"da", "dask", "reduce", *DASK_HELPERS}
    helpers = HELPERS

    def __init__(self, dtype: str = "float64", parted: Collection[str] = ()) -> None:
        super().__init__(dtype)
        self.parted = parted

    def imports(self, body: str) -> str:
        joins = "from functools import reduce\n\n" if "reduce(" in body else ""
        arrays = "import dask.array as da\n" if "da." in body else ""
        return f"{joins}import dask\n{arrays}{super().imports(body)}"

    def converted(self, name: str) -> list[str]:
        """Whole arrays are copied: outputs by rows read them when they are computed."""
        if name in self.parted:
            return [f'{name} = _array({name}, "{name}", {self.kind})']
        return [f"{name} = np.array({name}, dtype={self.kind})"]


class DaskPart(Dask):
    """The functions between, whose numbers are computed with further.

    They stay NumPy's: where a total is zero or negative, Python's numbers would raise an
    error or turn complex.
    """

    def number_as_result(self, text: Text, literal: bool) -> str:
        return f"np.{self.dtype}({text.code})"
