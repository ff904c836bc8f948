"""The root of a sum of two squares entry by entry, also where a square is no number.

Programs have it in place of ``(x² + y²)^(1/2)``; it is no word of the input language. Where
one of x and y is infinite and the other is NaN, libraries may give either.
"""

from __future__ import annotations

from gradform.functions.record import Function

__all__ = ["hypot"]

_NUMPY = """\
def hypot(x, y):
    \"\"\"sqrt(x**2 + y**2), also where the squares overflow or vanish.\"\"\"
    if max(getattr(x, "size", 1), getattr(y, "size", 1)) < 200:
        return np.hypot(x, y)
    bounded = np.ndim(y) == 0 and y * y > 1e-30
    with np.errstate(over="ignore", under="ignore"):
        total = x * x
        total = np.add(total, y * y, out=total if np.ndim(y) == 0 else None)
    low, high = (1e-280, 1e280) if total.itemsize == 8 else (1e-30, 1e30)
    if (bounded or low < total.min()) and total.max() < high:
        return np.sqrt(total, out=total)
    return np.hypot(x, y)
"""

# The scale is no variable: of s·sqrt((x/s)² + (y/s)²) the derivative by s is 0.
_JAX = """\
def hypot(x, y):
    \"\"\"sqrt(x**2 + y**2), also where the squares overflow or vanish.\"\"\"
    size = jax.lax.stop_gradient(jnp.maximum(jnp.abs(x), jnp.abs(y)))
    size = jnp.clip(size, jnp.finfo(size.dtype).tiny, jnp.finfo(size.dtype).max)
    return size * jnp.sqrt((x / size) ** 2 + (y / size) ** 2)
"""

_C = """\
/* sqrt(x^2 + y^2), of scaled numbers where the squares overflow or vanish. */
static double root_of_squares(double x, double y)
{
    double size = fabs(x) > fabs(y) ? fabs(x) : fabs(y), total = x * x + y * y;
    if ((total * total > 0.0 && total * total < INFINITY) || size == 0.0 || size - size != 0.0)
        return sqrt(total);
    x /= size;
    y /= size;
    return size * sqrt(x * x + y * y);
}
"""

hypot = Function(
    name="hypot",
    elementwise=True,
    parameters=("expr", "expr"),
    formula="hypot(x, y) = (x² + y²)^(1/2)",
    sign="nonnegative",
    spell={
        "c": "root_of_squares({0}, {1})",
        "python": "math.hypot({0}, {1})",
        "torch": "torch.hypot({0}, {1})",
        "matlab": "hypot({0}, {1})",
        "julia": "hypot.({0}, {1})",
    },
    helpers={"numpy": _NUMPY, "jax": _JAX, "c": _C},
)
