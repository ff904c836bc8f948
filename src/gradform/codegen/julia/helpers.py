"""Functions that Julia source carries when it needs them."""

from __future__ import annotations

__all__ = ["HELPERS"]

HELPERS = {
    "check_shape": """\
# Throw an error that names the variable unless it has the wanted size.
function check_shape(name, value, wanted)
    size(value) == wanted && return
    throw(DimensionMismatch("$name must have size $wanted, got $(size(value))"))
end
""",
    "nan_sqrt": """\
# The square root; NaN of negative numbers.
nan_sqrt(x) = x < 0 ? NaN : sqrt(x)
""",
    "nan_power": """\
# A power; NaN where that is no real number.
nan_power(x, p) = x < 0 && !isinteger(p) ? NaN : float(x)^p
""",
    "logaddexp": """\
# log(exp(a) + exp(b)) without overflow.
logaddexp(a, b) = a == b ? a + log(2) : max(a, b) + log1p(exp(-abs(a - b)))
""",
    "root_of_squares": """\
# sqrt(sum(abs2, x)) along dimensions, which stay with size one; of scaled numbers where
# squares overflow or vanish.
function root_of_squares(x; dims = :)
    total = sum(abs2, x; dims)
    all(t -> 1e-280 < t < 1e280, total) && return sqrt.(total)
    top = clamp.(maximum(abs, x; dims, init = 0.0), floatmin(Float64), floatmax(Float64))
    return top .* sqrt.(sum(abs2, x ./ top; dims))
end
""",
    "logsumexp": """\
# log(sum(exp, x)) along dimensions, which stay with size one; the largest is taken out first.
function logsumexp(x; dims = :)
    top = maximum(x; dims)
    top = ifelse.(isfinite.(top), top, 0.0)
    return top .+ log.(sum(exp.(x .- top); dims))
end
""",
    "softmax": """\
# exp(x) / sum(exp, x) along dimensions; the largest is taken out first.
function softmax(x; dims = :)
    y = exp.(x .- maximum(x; dims))
    return y ./ sum(y; dims)
end
""",
    "insert_axes": """\
# x with axes of size one where fresh is true.
function insert_axes(x, fresh...)
    sizes = Iterators.Stateful(size(x))
    return reshape(x, [f ? 1 : popfirst!(sizes) for f in fresh]...)
end
""",
    "embed": """\
# Zeros of size count along dimension d, with x after the first start.
function embed(x, count, start, d)
    values = x isa Number ? [x] : x
    sizes = [size(values)...]
    at = Any[Colon() for _ in sizes]
    at[d] = start .+ (1:sizes[d])
    sizes[d] = count
    y = zeros(sizes...)
    y[at...] = values
    return y
end
""",
    "reshape_by_rows": """\
# The same entries, last index fastest, under new sizes.
function reshape_by_rows(x, sizes...)
    y = reshape(permutedims(x, ndims(x):-1:1), reverse(sizes))
    return permutedims(y, ndims(y):-1:1)
end
""",
    "spread": """\
# Zeros, with x where the indices of dimensions a and b agree; x lacks dimension b, and the
# result has count dimensions.
function spread(x, a, b, count)
    sizes = [size(x)...]
    own = a > b ? a - 1 : a
    insert!(sizes, b, sizes[own])
    y = zeros(sizes...)
    for place in CartesianIndices(x)
        index = [Tuple(place)...]
        insert!(index, b, index[own])
        y[index...] = x[place]
    end
    return y
end
""",
}
