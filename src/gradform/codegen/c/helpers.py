"""Functions that C source carries when it needs them."""

from __future__ import annotations

import re

__all__ = ["HELPERS", "carried"]

HELPERS = {
    "logaddexp": """\
/* log(exp(a) + exp(b)) */
static double logaddexp(double a, double b)
{
    double top = a > b ? a : b;
    return a == b ? a + log(2.0) : top + log1p(exp(-fabs(a - b)));
}
""",
    "norm": """\
/* The root of the sum of the squares of n numbers that are so far apart in memory; of scaled
   numbers where squares overflow or vanish. */
static double norm(size_t n, size_t stride, const double *x)
{
    double total = 0.0, size = 0.0;
    for (size_t k = 0; k < n; k++)
        total += x[k * stride] * x[k * stride];
    if (total * total > 0.0 && total * total < INFINITY)
        return sqrt(total);
    for (size_t k = 0; k < n; k++)
        if (fabs(x[k * stride]) > size)
            size = fabs(x[k * stride]);
    if (size == 0.0 || size - size != 0.0)
        return sqrt(total);
    total = 0.0;
    for (size_t k = 0; k < n; k++)
        total += (x[k * stride] / size) * (x[k * stride] / size);
    return size * sqrt(total);
}
""",
    "largest_of": """\
/* The largest of n numbers that are so far apart in memory; NaN when one is. */
static double largest_of(size_t n, size_t stride, const double *x)
{
    double top = -INFINITY;
    for (size_t k = 0; k < n; k++)
        if (x[k * stride] > top || x[k * stride] != x[k * stride])
            top = x[k * stride];
    return top;
}
""",
    "logsumexp": """\
/* The logarithm of the sum of the exponentials of n numbers; the largest is taken out first. */
static double logsumexp(size_t n, size_t stride, const double *x)
{
    double top = largest_of(n, stride, x), sum = 0.0;
    if (top - top != 0.0)
        return top;
    for (size_t k = 0; k < n; k++)
        sum += exp(x[k * stride] - top);
    return top + log(sum);
}
""",
    "softmax": """\
/* The exponentials of n numbers, divided by their sum; the largest is taken out first. */
static void softmax(size_t n, size_t stride, const double *x, double *result)
{
    double top = largest_of(n, stride, x), sum = 0.0;
    for (size_t k = 0; k < n; k++)
        sum += result[k * stride] = exp(x[k * stride] - top);
    for (size_t k = 0; k < n; k++)
        result[k * stride] /= sum;
}
""",
    "solve": """\
/* Replace the n x k matrix b by the solution x of a x = b; the n x n matrix a is used up.
   Gaussian elimination with the largest pivot of each column. Returns 2 when a is singular. */
static int solve(size_t n, size_t k, double *a, double *b)
{
    for (size_t c = 0; c < n; c++) {
        size_t p = c;
        for (size_t i = c + 1; i < n; i++)
            if (fabs(a[i * n + c]) > fabs(a[p * n + c]))
                p = i;
        if (a[p * n + c] == 0.0)
            return 2;
        for (size_t j = 0; p != c && j < n; j++) {
            double swapped = a[c * n + j];
            a[c * n + j] = a[p * n + j];
            a[p * n + j] = swapped;
        }
        for (size_t j = 0; p != c && j < k; j++) {
            double swapped = b[c * k + j];
            b[c * k + j] = b[p * k + j];
            b[p * k + j] = swapped;
        }
        for (size_t i = c + 1; i < n; i++) {
            double factor = a[i * n + c] / a[c * n + c];
            for (size_t j = c + 1; j < n; j++)
                a[i * n + j] -= factor * a[c * n + j];
            for (size_t j = 0; j < k; j++)
                b[i * k + j] -= factor * b[c * k + j];
        }
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t c = i + 1; c < n; c++)
            for (size_t j = 0; j < k; j++)
                b[i * k + j] -= a[i * n + c] * b[c * k + j];
        for (size_t j = 0; j < k; j++)
            b[i * k + j] /= a[i * n + i];
    }
    return 0;
}
""",
}


def carried(code: str) -> list[str]:
    """Sources of the helpers that code calls, and of those that they call, in order."""
    called: set[str] = set()
    pending = [code]
    while pending:
        text = pending.pop()
        for name in HELPERS.keys() - called:
            if re.search(rf"\b{name}\(", text):
                called.add(name)
                pending.append(HELPERS[name])
    return [source for name, source in HELPERS.items() if name in called]
