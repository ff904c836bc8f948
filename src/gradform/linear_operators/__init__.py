"""Linear maps that keep their structure: what derivatives with ``dense=False`` are."""

from gradform.linear_operators.banded import Banded
from gradform.linear_operators.base import Arithmetic, LinearOperator
from gradform.linear_operators.block_diagonal import BlockDiagonal
from gradform.linear_operators.dense import Dense, Symmetric
from gradform.linear_operators.diagonal import Diagonal, Identity
from gradform.linear_operators.given import Given
from gradform.linear_operators.gram import Gram
from gradform.linear_operators.kronecker import Kronecker
from gradform.linear_operators.low_rank import LowRank
from gradform.linear_operators.matrix_free import MatrixFree
from gradform.linear_operators.product import Product, multiplied
from gradform.linear_operators.sums import Sum, added

__all__ = [
    "Banded",
    "BlockDiagonal",
    "Dense",
    "Diagonal",
    "Given",
    "Gram",
    "Identity",
    "Kronecker",
    "LinearOperator",
    "LowRank",
    "MatrixFree",
    "Product",
    "Sum",
    "Symmetric",
    "added",
]

LinearOperator.arithmetic = Arithmetic(added, multiplied)
