"""Functions of whole arrays as C source; matrices are stored row by row.

Those that can fail return 0, or 1 when there is no memory, 2 when a matrix has no inverse or
no Cholesky factor, 3 when there are too few entries.
"""

from __future__ import annotations

__all__ = [
    "AFFINE",
    "BAND_SUMS",
    "CHOLESKY",
    "DETERMINANT",
    "EXPONENTIAL",
    "GREATEST",
    "INVERSE",
    "LOG_DETERMINANT",
    "MARK_GREATEST",
    "MARK_MEDIAN",
    "MARK_TOP",
    "MEDIAN",
    "PRODUCT",
    "SIMPLEX",
    "SORTING",
    "SUM_LARGEST",
]

PRODUCT = """\
/* The product of n numbers. */
static double product_of(size_t n, const double *x)
{
    double result = 1.0;
    for (size_t k = 0; k < n; k++)
        result *= x[k];
    return result;
}
"""

_PLACE = """\
/* Where the greatest of n numbers is first; where NaN is, if there is one. */
static size_t place_of_greatest(size_t n, const double *x)
{
    size_t place = 0;
    for (size_t k = 1; k < n; k++)
        if (x[place] == x[place] && !(x[k] <= x[place]))
            place = k;
    return place;
}
"""

GREATEST = f"""\
{_PLACE}
/* The greatest of n numbers; 3 when there are none. */
static int greatest(size_t n, const double *x, double *result)
{{
    if (n == 0)
        return 3;
    *result = x[place_of_greatest(n, x)];
    return 0;
}}
"""

MARK_GREATEST = f"""\
{_PLACE}
/* Zeros, and one where the greatest of n numbers is; 3 when there are none. */
static int mark_greatest(size_t n, const double *x, double *result)
{{
    if (n == 0)
        return 3;
    for (size_t k = 0; k < n; k++)
        result[k] = 0.0;
    result[place_of_greatest(n, x)] = 1.0;
    return 0;
}}
"""

# ---------------------------------------------------------------- sorted

# The comparison puts NaN last and keeps the order of equal numbers, as NumPy's stable sort.
_ORDER = """\
struct ranked {
    double value;
    size_t place;
};

/* For qsort: by value, NaN last; equal ones by place. */
static int by_value(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    int a_is_nan = a->value != a->value, b_is_nan = b->value != b->value;
    if (a_is_nan != b_is_nan)
        return a_is_nan - b_is_nan;
    if (a->value != b->value && !a_is_nan)
        return a->value < b->value ? -1 : 1;
    return a->place < b->place ? -1 : 1;
}

/* n numbers in ascending order with their places; NULL when there is no memory. */
static struct ranked *in_order(size_t n, const double *x)
{
    struct ranked *order = malloc((n + 1) * sizeof *order);
    if (order == NULL)
        return NULL;
    for (size_t k = 0; k < n; k++) {
        order[k].value = x[k];
        order[k].place = k;
    }
    qsort(order, n, sizeof *order, by_value);
    return order;
}
"""

MARK_TOP = f"""\
{_ORDER}
/* Ones where the k greatest of n numbers are, zeros elsewhere. */
static int mark_top(size_t n, const double *x, double k, double *result)
{{
    if (k > (double)n)
        return 3;
    struct ranked *order = in_order(n, x);
    if (order == NULL)
        return 1;
    for (size_t i = 0; i < n; i++)
        result[order[i].place] = i >= n - (size_t)k ? 1.0 : 0.0;
    free(order);
    return 0;
}}
"""

SUM_LARGEST = f"""\
{_ORDER}
/* The sum of the k greatest of n numbers. */
static int sum_of_greatest(size_t n, const double *x, double k, double *result)
{{
    if (k > (double)n)
        return 3;
    struct ranked *order = in_order(n, x);
    if (order == NULL)
        return 1;
    *result = 0.0;
    for (size_t i = n - (size_t)k; i < n; i++)
        *result += order[i].value;
    free(order);
    return 0;
}}
"""

SORTING = f"""\
{_ORDER}
/* The permutation matrix that sorts n numbers. */
static int sorting_matrix(size_t n, const double *x, double *result)
{{
    struct ranked *order = in_order(n, x);
    if (order == NULL)
        return 1;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            result[i * n + j] = order[i].place == j ? 1.0 : 0.0;
    free(order);
    return 0;
}}
"""

MARK_MEDIAN = f"""\
{_ORDER}
/* One where the median of n numbers is, or a half at each of the two places; 3 for none. */
static int mark_median(size_t n, const double *x, double *result)
{{
    if (n == 0)
        return 3;
    struct ranked *order = in_order(n, x);
    if (order == NULL)
        return 1;
    for (size_t i = 0; i < n; i++)
        result[i] = 0.0;
    result[order[(n - 1) / 2].place] += 0.5;
    result[order[n / 2].place] += 0.5;
    free(order);
    return 0;
}}
"""

MEDIAN = f"""\
{_ORDER}
/* The number in the middle of n, or the mean of the two there; NaN when one is, 3 for none. */
static int median_of(size_t n, const double *x, double *result)
{{
    if (n == 0)
        return 3;
    struct ranked *order = in_order(n, x);
    if (order == NULL)
        return 1;
    *result = 0.5 * (order[(n - 1) / 2].value + order[n / 2].value);
    if (order[n - 1].value != order[n - 1].value)
        *result = order[n - 1].value;
    free(order);
    return 0;
}}
"""

# ---------------------------------------------------------------- matrices

# P A = L U with the largest pivot of each column; the determinant is ± the product of U's
# diagonal, and the sign changes with each exchange of rows.
_ELIMINATE = """\
/* Make a copy of the n x n matrix a triangular by rows; the result is the sign of the exchanges. */
static double eliminate(size_t n, const double *a, double *u)
{
    double sign = 1.0;
    for (size_t k = 0; k < n * n; k++)
        u[k] = a[k];
    for (size_t c = 0; c < n; c++) {
        size_t p = c;
        for (size_t i = c + 1; i < n; i++)
            if (fabs(u[i * n + c]) > fabs(u[p * n + c]))
                p = i;
        if (p != c)
            sign = -sign;
        for (size_t j = 0; p != c && j < n; j++) {
            double swapped = u[c * n + j];
            u[c * n + j] = u[p * n + j];
            u[p * n + j] = swapped;
        }
        for (size_t i = c + 1; i < n && u[c * n + c] != 0.0; i++) {
            double factor = u[i * n + c] / u[c * n + c];
            for (size_t j = c + 1; j < n; j++)
                u[i * n + j] -= factor * u[c * n + j];
        }
    }
    return sign;
}
"""

DETERMINANT = f"""\
{_ELIMINATE}
/* The determinant of an n x n matrix. */
static double determinant(size_t n, const double *a, double *work)
{{
    double result = eliminate(n, a, work);
    for (size_t k = 0; k < n; k++)
        result *= work[k * n + k];
    return result;
}}
"""

LOG_DETERMINANT = f"""\
{_ELIMINATE}
/* The logarithm of the absolute value of the determinant of an n x n matrix. */
static double log_determinant(size_t n, const double *a, double *work)
{{
    double result = 0.0;
    eliminate(n, a, work);
    for (size_t k = 0; k < n; k++)
        result += log(fabs(work[k * n + k]));
    return result;
}}
"""

# Gauss and Jordan: what makes A the identity makes the identity its inverse.
INVERSE = """\
/* The inverse of an n x n matrix; 2 when there is none. */
static int inverse(size_t n, const double *a, double *result, double *work)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            work[i * n + j] = a[i * n + j];
            result[i * n + j] = i == j ? 1.0 : 0.0;
        }
    for (size_t c = 0; c < n; c++) {
        size_t p = c;
        for (size_t i = c + 1; i < n; i++)
            if (fabs(work[i * n + c]) > fabs(work[p * n + c]))
                p = i;
        double pivot = work[p * n + c];
        if (pivot == 0.0)
            return 2;
        for (size_t j = 0; j < n; j++) {
            double left = work[p * n + j], right = result[p * n + j];
            work[p * n + j] = work[c * n + j];
            result[p * n + j] = result[c * n + j];
            work[c * n + j] = left / pivot;
            result[c * n + j] = right / pivot;
        }
        for (size_t i = 0; i < n; i++) {
            double factor = work[i * n + c];
            for (size_t j = 0; i != c && j < n; j++) {
                work[i * n + j] -= factor * work[c * n + j];
                result[i * n + j] -= factor * result[c * n + j];
            }
        }
    }
    return 0;
}
"""

CHOLESKY = """\
/* The lower triangular l with l l' = (a + a')/2; 2 when that is not positive definite. */
static int cholesky(size_t n, const double *a, double *l)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double rest = 0.5 * (a[i * n + j] + a[j * n + i]);
            for (size_t k = 0; k < j && j <= i; k++)
                rest -= l[i * n + k] * l[j * n + k];
            if (i == j && !(rest > 0.0))
                return 2;
            l[i * n + j] = j < i ? rest / l[j * n + j] : j == i ? sqrt(rest) : 0.0;
        }
    return 0;
}
"""

# exp(A) = exp(A/2^s)^(2^s), with s such that the series of A/2^s, whose norm is at most 1/4,
# is exact after 13 terms: 4^-14/14! = 4e-20.
EXPONENTIAL = """\
/* The product of two n x n matrices. */
static void multiply(size_t n, const double *a, const double *b, double *result)
{
    for (size_t k = 0; k < n * n; k++)
        result[k] = 0.0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; j < n; j++)
                result[i * n + j] += a[i * n + k] * b[k * n + j];
}

/* The exponential of an n x n matrix: the series of a part of it, squared again and again. */
static int exponential(size_t n, const double *a, double *result)
{
    double *part = malloc((2 * n * n + 1) * sizeof *part), *next = part + n * n;
    double norm = 0.0, scale = 1.0;
    int halvings = 0;
    if (part == NULL)
        return 1;
    for (size_t i = 0; i < n; i++) {
        double sum = 0.0;
        for (size_t j = 0; j < n; j++)
            sum += fabs(a[i * n + j]);
        norm = sum > norm || sum != sum ? sum : norm;
    }
    for (; norm * scale > 0.25 && halvings < 1100; halvings++)
        scale *= 0.5;
    for (size_t k = 0; k < n * n; k++)
        part[k] = a[k] * scale;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            result[i * n + j] = i == j ? 1.0 : 0.0;
    for (int k = 13; k > 0; k--) {
        multiply(n, part, result, next);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                result[i * n + j] = next[i * n + j] / k + (i == j ? 1.0 : 0.0);
    }
    for (; halvings > 0; halvings--) {
        multiply(n, result, result, next);
        for (size_t k = 0; k < n * n; k++)
            result[k] = next[k];
    }
    free(part);
    return 0;
}
"""

BAND_SUMS = """\
/* The matrix whose entries are the sums of the diagonals of an n x n matrix that they lie on. */
static void band_sums(size_t n, const double *a, double *result)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < n; k++)
                if (k + j >= i && k + j - i < n)
                    sum += a[k * n + k + j - i];
            result[i * n + j] = sum;
        }
}
"""

# ---------------------------------------------------------------- indicators

SIMPLEX = """\
/* 0 for n nonnegative numbers with sum 1, infinity for others. */
static double simplex_indicator(size_t n, const double *x)
{
    double sum = 0.0;
    for (size_t k = 0; k < n; k++) {
        if (!(x[k] >= 0.0))
            return INFINITY;
        sum += x[k];
    }
    return fabs(sum - 1.0) <= (sizeof sum < 8 ? 1e-6 : 1e-9) ? 0.0 : INFINITY;
}
"""

AFFINE = """\
/* 0 where e x = f, for an m x n matrix e, infinity elsewhere. */
static double affine_indicator(
    size_t m, size_t n, const double *x, const double *e, const double *f)
{
    for (size_t i = 0; i < m; i++) {
        double gap = -f[i], scale = 1.0 + fabs(f[i]);
        for (size_t j = 0; j < n; j++) {
            gap += e[i * n + j] * x[j];
            scale += fabs(e[i * n + j] * x[j]);
        }
        if (!(fabs(gap) <= (sizeof gap < 8 ? 1e-6 : 1e-9) * scale))
            return INFINITY;
    }
    return 0.0;
}
"""
