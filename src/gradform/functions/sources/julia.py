"""Functions that Julia lacks, or that throw where NumPy gives NaN, as Julia source.

They are of numbers, and are called with a dot for arrays.
"""

from __future__ import annotations

__all__ = [
    "BAND_SUMS",
    "EIGENVECTORS",
    "HUBER",
    "LAMBERT_W",
    "MARK_GREATEST",
    "NAN_ACOS",
    "NAN_ACOSH",
    "NAN_ASIN",
    "NAN_ATANH",
    "NAN_LOG",
    "NAN_LOG1P",
    "NAN_POWER",
    "POLAR",
    "PSEUDO_INVERSE",
    "RECIPROCAL",
    "RIGHT_VECTORS",
    "TOP_PAIR",
    "XLOGX",
]


def _partial(name: str, outside: str) -> str:
    return f"""\
# {name}(x); NaN outside its domain.
nan_{name}(x) = {outside} ? NaN : {name}(x)
"""


NAN_LOG = _partial("log", "x < 0")
NAN_LOG1P = _partial("log1p", "x < -1")
NAN_ASIN = _partial("asin", "abs(x) > 1")
NAN_ACOS = _partial("acos", "abs(x) > 1")
NAN_ACOSH = _partial("acosh", "x < 1")
NAN_ATANH = _partial("atanh", "abs(x) > 1")

NAN_POWER = """\
# A power; NaN where that is no real number.
nan_power(x, p) = x < 0 && !isinteger(p) ? NaN : float(x)^p
"""

RECIPROCAL = """\
# 1 / x, and 0 at 0.
recip0(x) = x == 0 ? 0.0 : 1 / x
"""

HUBER = """\
# x^2 / 2 where abs(x) <= d, d * (abs(x) - d / 2) elsewhere.
huber(x, d) = abs(x) <= d ? x^2 / 2 : d * (abs(x) - d / 2)
"""

XLOGX = """\
# x * log(x), 0 at 0, NaN left of 0.
xlogx(x) = x == 0 ? 0.0 : x < 0 ? NaN : x * log(x)
"""

# As in C: Newton's method near the branch point and for large |log|x||, Halley's between.
LAMBERT_W = """\
# The w with w * exp(w) = x: for k = 0 from -1 up, for k = -1 up to -1.
function LambertW(x, k)
    gap = (x + 0.36787944117144233) - 1.2428753672788363e-17
    (gap >= 0 && (k == 0 || x <= 0)) || return NaN
    x == 0 && return k == 0 ? x : -Inf
    isinf(x) && return x
    if gap < 0.09
        u = (k == 0 ? 1 : -1) * sqrt(2 * exp(1) * gap)
        u -= u^2 / 3
        for _ in 1:20
            u == 0 && break
            terms = [u^(j - 1) / factorial(j - 2) for j in 2:20]
            f = sum(terms[j - 1] * u / j for j in 2:20) - exp(1) * gap
            u -= f / sum(terms)
        end
        return u - 1
    elseif k != 0 || x > 2
        t = log(abs(x))
        w = t - log(abs(t) + (k == 0))
        for _ in 1:30
            w += w * (t - w - log(abs(w))) / (1 + w)
        end
        return w
    end
    w = x > 0 ? 0.7 * log1p(x) : x * (1 - x)
    for _ in 1:30
        f = w - x * exp(-w)
        w -= f / (1 + w - (w + 2) * f / (2 * w + 2))
    end
    return w
end
"""

# ---------------------------------------------------------------- whole arrays

MARK_GREATEST = """\
# Zeros, and one where the greatest entry is first, row by row.
function mark_greatest(x)
    flat = x isa AbstractMatrix ? vec(permutedims(x)) : x
    y = zeros(length(flat))
    y[argmax(flat)] = 1.0
    return x isa AbstractMatrix ? permutedims(reshape(y, reverse(size(x)))) : y
end
"""

EIGENVECTORS = """\
# Eigenvectors of a symmetric matrix, eigenvalues ascending; largest entries positive.
function eigenvectors(S)
    V = eigen(Symmetric((S + S') / 2)).vectors
    return V .* [sign(v[argmax(abs.(v))]) for v in eachcol(V)]'
end
"""

RIGHT_VECTORS = """\
# Right singular vectors as columns; largest entries positive.
function right_vectors(X)
    V = Matrix(svd(X).V)
    return V .* [sign(v[argmax(abs.(v))]) for v in eachcol(V)]'
end
"""

PSEUDO_INVERSE = """\
# pinv(X), where singular values of rounding count as 0.
function pseudo_inverse(X)
    return pinv(X; rtol = max(1e-12, 64 * eps(eltype(X))))
end
"""

POLAR = """\
# U * V' of the singular value decomposition.
function polar(X)
    U, _, V = svd(X)
    return U * V'
end
"""

TOP_PAIR = """\
# u1 * v1' of the largest singular value.
function top_pair(X)
    U, _, V = svd(X)
    return U[:, 1] * V[:, 1]'
end
"""

BAND_SUMS = """\
# Entry (i, j) is the sum of the diagonal it lies on.
function band_sums(X)
    n = size(X, 1)
    return [sum(diag(X, j - i)) for i in 1:n, j in 1:n]
end
"""
