"""Functions that generated JAX source carries when it needs them."""

from __future__ import annotations

__all__ = ["JAX_HELPERS"]

# The scale of a norm is no variable: of s·sqrt(Σ (x/s)²) the derivative by s is 0.
JAX_HELPERS = {
    "_norm": '''\
def _norm(values, axis=None):
    """The root of the sum of squares, of scaled values, as squares may overflow or vanish."""
    size = jnp.max(jnp.abs(values), axis=axis, keepdims=True, initial=0)
    size = jax.lax.stop_gradient(size)
    tiny = jnp.finfo(size.dtype).tiny
    size = jnp.clip(size, tiny, 1 / tiny)  # XLA multiplies by reciprocals, which must be normal
    total = jnp.sum((values / size) ** 2, axis=axis)
    return jnp.squeeze(size, axis=axis) * jnp.sqrt(total)
''',
    "_arrays": '''\
def _arrays(**given):
    """The arguments as arrays of one floating type, that of the arrays among them."""
    given = {name: jnp.asarray(value) for name, value in given.items()}
    for name, value in given.items():
        if jnp.iscomplexobj(value):
            raise TypeError(f"{name} must be real, got {value.dtype}")
    dtype = jnp.result_type(float, *given.values())
    return [value.astype(dtype) for value in given.values()]
''',
    "_embed": '''\
def _embed(values, size, start, axis=0):
    """Zeros of the given size along an axis, with the values from start on."""
    values = jnp.atleast_1d(values)
    around = [(0, 0)] * values.ndim
    around[axis] = (start, size - start - values.shape[axis])
    return jnp.pad(values, around)
''',
    "_diagonals": '''\
def _diagonals(values, *pairs):
    """Zeros, with the values where the indices on each pair of axes agree.

    The values lack the second axis of each pair.
    """
    for first, second in pairs:
        size = values.shape[first]
        rows = jnp.moveaxis(values, first, 0)
        spread = jnp.zeros((size, *rows.shape), values.dtype)
        index = jnp.arange(size)
        spread = spread.at[index, index].set(rows)
        values = jnp.moveaxis(spread, (0, 1), (first, second))
    return values
''',
    "_frechet": '''\
def _frechet(function, matrix, *directions):
    """The derivative of a matrix function in the given directions, one per order.

    f([[X, E], [0, X]]) holds the derivative of f at X along E in its upper right corner.
    """
    n = len(matrix)
    for k, direction in enumerate(directions):
        corner = jnp.kron(jnp.eye(2**k, dtype=matrix.dtype), direction)
        matrix = jnp.block([[matrix, corner], [jnp.zeros_like(matrix), matrix]])
    return function(matrix)[:n, -n:]
''',
    "_frechet_tensor": '''\
def _frechet_tensor(function, matrix, order, *directions):
    """Derivatives in the given directions and, for each further order, in all unit ones."""
    if order == 0:
        return _frechet(function, matrix, *directions)
    n = len(matrix)
    units = jnp.eye(n * n, dtype=matrix.dtype).reshape(n * n, n, n)
    values = jax.vmap(
        lambda unit: _frechet_tensor(function, matrix, order - 1, *directions, unit), out_axes=2
    )(units)
    return values.reshape(n, n, n, n, *values.shape[3:])
''',
    "_map_tensor": '''\
def _map_tensor(function, shape, dtype):
    """The tensor of a linear map of matrices, from its values at all unit matrices."""
    size = shape[0] * shape[1]
    units = jnp.eye(size, dtype=dtype).reshape(size, *shape)
    values = jax.vmap(function, out_axes=2)(units)
    return values.reshape(*values.shape[:2], *shape)
''',
}
