"""Sources of functions that array libraries lack, as a fixed number of array operations.

Nothing in them depends on values, so they are one graph, run on any device, can be mapped and
differentiated further. ``np`` is the name of the library: ``jnp`` or ``torch``.
"""

from __future__ import annotations

__all__ = [
    "dawson_source",
    "erfcx_source",
    "lambert_w_source",
    "logarithm_source",
    "logerfc_source",
    "square_root_source",
]

# Halley's method for f(w) = w - x e^-w, which does not overflow; f' = 1 + x e^-w.
# Started from the series at the branch point, from log(1 + x) (1 - log(1 + log(1 + x)) /
# (2 + log(1 + x))) on the branch 0 and from the series at 0 on the branch -1.
_LAMBERT_W = '''\
def LambertW(x, k):
    """w with w exp(w) = x on branch 0 or -1, by Halley's method (Corless et al. 1996)."""
    upper = k == 0
    root = {np}.sqrt({np}.where(x < 0.5, 2 * (np_e * x + 1), 1.0))
    root = {np}.where(upper, root, -root)
    near = -1 + root * (1 - root * (1 / 3 - root * (11 / 72)))
    above = {np}.log1p({np}.where(x > 0.25, x, 0.25))
    right = above * (1 - {np}.log1p(above) / (2 + above))
    below = {np}.log({np}.where((x < 0) & (x > -0.25), -x, 0.25))
    left = below - {np}.log(-below)
    w = {np}.where(upper, {np}.where(x > 0.25, right, near), {np}.where(x > -0.25, left, near))
    for _ in range(6):
        quotient = x * {np}.exp(-w)
        gap = w - quotient
        slope = 1 + w
        safe = {np}.where(slope == 0, 1.0, slope)
        step = gap / (safe - (w + 2) * gap / (2 * safe))
        w = {np}.where(slope == 0, w, w - step)
    return {np}.where(upper | (x <= 0), w, {np}.nan)
'''


def lambert_w_source(np: str) -> str:
    """The principal and the lower branch of Lambert's function."""
    return _LAMBERT_W.replace("np_e", "2.718281828459045").format(np=np)


# Rybicki's sum F(x) = 1/√π Σ_{n odd} exp(-(x - n h)²)/n, moved to the grid point next to x;
# its error is about exp(-(π/2h)²), 1e-27 for h = 1/5. Near 0 the series x - 2x³/3 + 4x⁵/15 …,
# far out 1/2x + 1/4x³ + 3/8x⁵ … (DLMF 7.12).
_DAWSON = '''\
def dawson(x):
    """exp(-x²) times the integral of exp(t²) from 0 to x, by Rybicki's sum."""
    size = {np}.abs(x)
    middle = {np}.where((size < 0.1) | (size > 20), 1.0, x)
    start = 2 * {np}.round(middle / 0.4)
    offset = middle - 0.2 * start
    total = {np}.zeros_like(x)
    for n in range(1, 33, 2):
        total = total + {np}.exp(-((offset - 0.2 * n) ** 2)) / (start + n)
        total = total + {np}.exp(-((offset + 0.2 * n) ** 2)) / (start - n)
    total = total / 1.772453850905516
    small = {np}.where(size < 0.1, x, 0.0)
    square = small * small
    near, term = small, small
    for n in range(1, 9):
        term = -2 * square * term / (2 * n + 1)
        near = near + term
    large = {np}.where(size > 20, x, 20.0)
    far = term = 0.5 / large
    for n in range(1, 9):
        term = term * ((2 * n - 1) / (2 * large)) / large
        far = far + term
    return {np}.where(size < 0.1, near, {np}.where(size > 20, far, total))
'''


def dawson_source(np: str) -> str:
    """Dawson's integral."""
    return _DAWSON.format(np=np)


# √π erfcx(x) = 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))) for x > 0 (DLMF 7.9.1): from 4 on
# twenty levels are exact.
_TAIL = '''\
def {name}(x):
    """{what}, by a continued fraction from 4 on."""
    is_far = x > 4
    near = {np}.where(is_far, 0.0, x)
    far = level = {np}.where(is_far, x, 4.0)
    for k in range(20, 0, -1):
        level = far + 0.5 * k / level
    tail = 0.5641895835477563 / level
'''
_SCALED = """\
    return {np}.where(is_far, tail, {np}.exp(near**2) * {special}.erfc(near))
"""
_LOGARITHM_OF_TAIL = """\
    small = {np}.where(near < 0.5, near, 0.0)
    middle = {np}.log({special}.erfc(near))
    middle = {np}.where(near < 0.5, {np}.log1p(-{special}.erf(small)), middle)
    return {np}.where(is_far, {np}.log(tail) - far**2, middle)
"""


def erfcx_source(np: str, special: str) -> str:
    """The scaled complementary error function."""
    source = _TAIL + _SCALED
    return source.format(name="erfcx", what="exp(x²) erfc(x)", np=np, special=special)


def logerfc_source(np: str, special: str) -> str:
    """The logarithm of the complementary error function."""
    source = _TAIL + _LOGARITHM_OF_TAIL
    return source.format(name="logerfc", what="log(erfc(x))", np=np, special=special)


# The product form of the iteration of Denman and Beavers, scaled by the determinant: M → I and
# R → A^½ quadratically (Cheng, Higham, Kenney & Laub 2001).
_ROOT = """\
    one = {eye}

    def improved(pair):
        product, result = pair
        scale = {np}.exp(-{np}.linalg.slogdet(product)[1] / (2 * len(x)))
        inverse = {np}.linalg.inv(product) / scale**2
        result = scale * (result + result @ inverse) / 2
        return one / 2 + (scale**2 * product + inverse) / 4, result

    def root(a):
{repeat_16}
"""

_SQUARE_ROOT = """\
def sqrtm(x):
    '''The principal square root by the scaled iteration of Denman and Beavers.'''
{root}
    return root(x)
"""

# log A = 2ᵏ log A^(1/2ᵏ), and log B = 2 artanh((B - I)(B + I)⁻¹), a series in small matrices.
_LOGARITHM = """\
def logm(x):
    '''The principal logarithm: six square roots, then a series for what is near the identity.'''
{root}
{repeat_6}
    ratio = {np}.linalg.solve(x + one, x - one)
    power = total = ratio
    for k in range(3, 33, 2):
        power = power @ ratio @ ratio
        total = total + power / k
    return 2**7 * total
"""

_EYE = {
    "jnp": "jnp.eye(len(x), dtype=x.dtype)",
    "torch": "torch.eye(len(x), dtype=x.dtype, device=x.device)",
}

# A loop that XLA compiles once, and one that PyTorch unrolls.
_REPEAT_16 = {
    "jnp": """\
        return jax.lax.fori_loop(0, 16, lambda _, pair: improved(pair), (a, a))[1]""",
    "torch": """\
        pair = (a, a)
        for _ in range(16):
            pair = improved(pair)
        return pair[1]""",
}
_REPEAT_6 = {
    "jnp": """\
    x = jax.lax.fori_loop(0, 6, lambda _, a: root(a), x)""",
    "torch": """\
    for _ in range(6):
        x = root(x)""",
}


def square_root_source(np: str) -> str:
    """The principal square root of a matrix."""
    return _SQUARE_ROOT.format(root=_root(np))


def logarithm_source(np: str) -> str:
    """The principal logarithm of a matrix."""
    return _LOGARITHM.format(np=np, root=_root(np), repeat_6=_REPEAT_6[np])


def _root(np: str) -> str:
    return _ROOT.format(np=np, eye=_EYE[np], repeat_16=_REPEAT_16[np])
