"""Functions that generated Dask source carries when it needs them."""

from __future__ import annotations

__all__ = ["DASK_HELPERS"]

DASK_HELPERS = {
    "_array": '''\
def _array(array, name, dtype):
    """A Dask array with chunks of known sizes, which are plain arrays."""
    array = da.asarray(array)
    if type(array._meta) is not np.ndarray:
        raise ValueError(f"{name} must have plain arrays as chunks, got {type(array._meta)}")
    if array.dtype.kind == "c":
        raise ValueError(f"{name} must be real, got {array.dtype}")
    array = array.astype(dtype)
    if any(size != size for size in array.shape):
        raise ValueError(f"{name} has chunks of unknown sizes; call compute_chunk_sizes() on it")
    return array
''',
    "_aligned": '''\
def _aligned(*arrays):
    """Arrays with equal chunks of rows, those of the largest; whole along all other axes.

    Each is given with the place of its rows.
    """
    largest, rows = max(arrays, key=lambda pair: pair[0].nbytes)
    sizes = tuple(size for size in largest.chunks[rows] if size) or (0,)
    return [
        array.rechunk({axis: sizes if axis == rows else -1 for axis in range(array.ndim)})
        for array, rows in arrays
    ]
''',
    "_on_chunks": '''\
def _on_chunks(function, arrays, *others):
    """A function of the chunks of some arrays and of whole others, at each chunk."""
    others = [dask.delayed(each) for each in others]
    chunks = zip(*(array.to_delayed().ravel() for array in arrays))
    function = dask.delayed(function)
    return [function(*chunk, *others) for chunk in chunks]
''',
    "_joined": '''\
def _joined(joins, *parts):
    """Results of several chunks as one; each place has its own way to be joined."""
    return tuple(reduce(join, place) for join, place in zip(joins, zip(*parts)))
''',
    "_totals": '''\
def _totals(parts, *joins):
    """The results of all chunks joined in a tree, so that few are held at a time."""
    join = dask.delayed(_joined)
    while len(parts) > 1:
        parts = [join(joins, *parts[k : k + 4]) for k in range(0, len(parts), 4)]
    return parts[0]
''',
    "_root": '''\
def _root(a, b):
    """sqrt(a**2 + b**2), NaN where one of them is, as in a sum of squares."""
    total = a + b
    return np.where(np.isnan(total), total, np.hypot(a, b))[()]
''',
    "_rows": '''\
def _rows(parts, place, shape, axis, chunks, dtype):
    """The arrays at one place of the results of all chunks, joined along an axis."""
    shapes = [(*shape[:axis], length, *shape[axis + 1 :]) for length in chunks]
    arrays = [da.from_delayed(part[place], own, dtype) for part, own in zip(parts, shapes)]
    return da.concatenate(arrays, axis)
''',
}
