"""Functions that generated source carries when it needs them.

Each is a few lines of NumPy, so that the source stands alone.
"""

from __future__ import annotations

from gradform.codegen.python.factoring import FACTORING

__all__ = ["NUMPY_HELPERS"]

NUMPY_HELPERS = {
    **FACTORING,
    "_norm": '''\
def _norm(values, axis=None):
    """The root of the sum of squares, also where these overflow or vanish."""
    low, high = (1e-280, 1e280) if values.itemsize == 8 else (1e-30, 1e30)
    if axis is None:
        total = np.vdot(values, values)
        if low < total < high:
            return np.sqrt(total)
    else:
        every = list(range(values.ndim))
        kept = np.delete(every, axis).tolist()
        total = np.einsum(values, every, values, every, kept)
        if low < total.min(initial=1.0) and total.max(initial=1.0) < high:
            return np.sqrt(total)
    info = np.finfo(values.dtype)
    size = np.max(np.abs(values), axis=axis, keepdims=True, initial=0.0)
    size = np.clip(size, info.tiny, info.max)
    with np.errstate(over="ignore", under="ignore"):
        total = np.sum((values / size) ** 2, axis=axis)
    return np.squeeze(size, axis=axis) * np.sqrt(total)
''',
    "_logsumexp": '''\
def _logsumexp(values, axis=None):
    """The logarithm of the sum of exponentials; the largest is taken out first."""
    top = np.max(values, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    total = np.sum(np.exp(values - top), axis=axis, keepdims=True)
    return np.squeeze(top + np.log(total), axis=axis)
''',
    "_softmax": '''\
def _softmax(values, axis=None):
    """Exponentials divided by their sum; the largest is taken out first."""
    weights = np.exp(values - np.max(values, axis=axis, keepdims=True))
    return weights / np.sum(weights, axis=axis, keepdims=True)
''',
    "_symmetric_product": '''\
def _symmetric_product(left, right, blocks=4):
    """left.T @ right where that is symmetric: what stands below the blocks is mirrored."""
    size = left.shape[1]
    if size < 64:
        return left.T @ right
    result = np.empty((size, size), left.dtype)
    edges = [size * k // blocks for k in range(blocks + 1)]
    for start, stop in zip(edges, edges[1:]):
        result[start:stop, start:] = left[:, start:stop].T @ right[:, start:]
        result[stop:, start:stop] = result[start:stop, stop:].T
    return result
''',
    "_embed": '''\
def _embed(values, size, start, axis=0):
    """Zeros of the given size along an axis, with the values from start on."""
    values = 1.0 * np.atleast_1d(values)
    shape = list(values.shape)
    shape[axis] = size
    result = np.zeros(shape, values.dtype)
    np.moveaxis(result, axis, 0)[start : start + values.shape[axis]] = np.moveaxis(
        values, axis, 0
    )
    return result
''',
    "_diagonals": '''\
def _diagonals(values, *pairs):
    """Zeros, with the values where the indices on each pair of axes agree.

    The values lack the second axis of each pair.
    """
    for first, second in pairs:
        shape = list(values.shape)
        shape.insert(second, shape[first])
        result = np.zeros(shape, values.dtype)
        index = np.arange(shape[first])
        np.moveaxis(result, (first, second), (0, 1))[index, index] = np.moveaxis(
            values, first, 0
        )
        values = result
    return values
''',
    "_each": '''\
def _each(function, shape, *stacks):
    """An array of the given shape: the function at each index of the stacks."""
    result = np.empty(shape, stacks[0].dtype)
    for k, items in enumerate(zip(*stacks)):
        result[k] = function(*items)
    return result
''',
    "_frechet": '''\
def _frechet(function, matrix, *directions):
    """The derivative of a matrix function in the given directions, one per order.

    f([[X, E], [0, X]]) holds the derivative of f at X along E in its upper right corner.
    """
    n = len(matrix)
    for k, direction in enumerate(directions):
        corner = np.kron(np.eye(2**k), direction)
        matrix = np.block([[matrix, corner], [np.zeros_like(matrix), matrix]])
    return function(matrix)[:n, -n:]
''',
    "_frechet_tensor": '''\
def _frechet_tensor(function, matrix, order, *directions):
    """Derivatives in the given directions and, for each further order, in all unit ones."""
    n = len(matrix)
    units = np.eye(n * n).reshape(n, n, n, n)
    result = np.zeros((n, n) * (1 + order))
    for place in np.ndindex(*(n, n) * order):
        along = [units[place[k : k + 2]] for k in range(0, 2 * order, 2)]
        result[(slice(None), slice(None), *place)] = _frechet(
            function, matrix, *directions, *along
        )
    return result
''',
    "_map_tensor": '''\
def _map_tensor(function, shape, **like):
    """The tensor of a linear map of matrices, from its values at all unit matrices."""
    units = np.eye(shape[0] * shape[1], **like).reshape(-1, *shape)
    values = np.stack([function(unit) for unit in units], axis=-1)
    return values.reshape(*values.shape[:2], *shape)
''',
}
