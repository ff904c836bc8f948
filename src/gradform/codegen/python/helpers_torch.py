"""Functions that generated PyTorch source carries when it needs them."""

from __future__ import annotations

__all__ = ["TORCH_HELPERS"]

# The scale of a norm is no variable: of s·sqrt(Σ (x/s)²) the derivative by s is 0.
TORCH_HELPERS = {
    "_norm": '''\
def _norm(values, dim=None):
    """The root of the sum of squares, of scaled values, as squares may overflow or vanish."""
    if not values.numel():
        return torch.sum(values, dim=dim)
    info = torch.finfo(values.dtype)
    size = torch.linalg.vector_norm(values.detach(), torch.inf, dim=dim, keepdim=True)
    size = size.clamp(info.tiny, info.max)
    total = torch.sum((values / size) ** 2, dim=dim)
    return size.reshape(total.shape) * torch.sqrt(total)
''',
    "_tensors": '''\
def _tensors(default, /, **given):
    """The arguments as tensors of one floating type on one device.

    The type is that of the tensors with axes, or of all tensors, and ``default`` where that
    is none; the device that of the first tensor.
    """
    tensors = {name: each for name, each in given.items() if isinstance(each, torch.Tensor)}
    dtype = device = None
    for name, each in given.items():
        kind = each if name in tensors else torch.as_tensor(each)
        if kind.is_complex():
            raise TypeError(f"{name} must be real, got {kind.dtype}")
    for name, each in tensors.items():
        if device is not None and each.device != device:
            raise ValueError(f"{name} is on {each.device}, other variables are on {device}")
        device = each.device
    for each in [each for each in tensors.values() if each.ndim] or tensors.values():
        dtype = each.dtype if dtype is None else torch.promote_types(dtype, each.dtype)
    if dtype is None or not dtype.is_floating_point:
        dtype = default
    return [
        each.to(dtype) if name in tensors else torch.as_tensor(each, dtype=dtype, device=device)
        for name, each in given.items()
    ]
''',
    "_softmax": '''\
def _softmax(values, dim):
    """Exponentials divided by their sum; the largest is taken out first."""
    weights = torch.exp(values - torch.amax(values, dim=dim, keepdim=True))
    return weights / torch.sum(weights, dim=dim, keepdim=True)
''',
    "_embed": '''\
def _embed(values, size, start, axis=0):
    """Zeros of the given size along an axis, with the values from start on."""
    values = torch.atleast_1d(values)
    around = (start, size - start - values.shape[axis])
    return torch.nn.functional.pad(values, (0, 0) * (values.ndim - 1 - axis) + around)
''',
    "_diagonals": '''\
def _diagonals(values, *pairs):
    """Zeros, with the values where the indices on each pair of axes agree.

    The values lack the second axis of each pair.
    """
    for first, second in pairs:
        values = torch.diag_embed(torch.movedim(values, first, -1), dim1=first, dim2=second)
    return values
''',
    "_kron": '''\
def _kron(left, right):
    """The Kronecker product; PyTorch's takes no matrices that are turned or strided."""
    return torch.kron(left.contiguous(), right.contiguous())
''',
    "_frechet": '''\
def _frechet(function, matrix, *directions):
    """The derivative of a matrix function in the given directions, one per order.

    f([[X, E], [0, X]]) holds the derivative of f at X along E in its upper right corner.
    """
    n = len(matrix)
    for k, direction in enumerate(directions):
        units = torch.eye(2**k, dtype=matrix.dtype, device=matrix.device)
        upper = torch.cat([matrix, _kron(units, direction)], dim=1)
        lower = torch.cat([torch.zeros_like(matrix), matrix], dim=1)
        matrix = torch.cat([upper, lower])
    return function(matrix)[:n, -n:]
''',
    "_frechet_tensor": '''\
def _frechet_tensor(function, matrix, order, *directions):
    """Derivatives in the given directions and, for each further order, in all unit ones."""
    if order == 0:
        return _frechet(function, matrix, *directions)
    n = len(matrix)
    units = torch.eye(n * n, dtype=matrix.dtype, device=matrix.device).reshape(n * n, n, n)
    values = torch.func.vmap(
        lambda unit: _frechet_tensor(function, matrix, order - 1, *directions, unit), out_dims=2
    )(units)
    return values.reshape(n, n, n, n, *values.shape[3:])
''',
    "_map_tensor": '''\
def _map_tensor(function, shape, **like):
    """The tensor of a linear map of matrices, from its values at all unit matrices."""
    size = shape[0] * shape[1]
    units = torch.eye(size, **like).reshape(size, *shape)
    values = torch.func.vmap(function, out_dims=2)(units)
    return values.reshape(*values.shape[:2], *shape)
''',
}
