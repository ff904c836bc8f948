"""C helpers of native modules."""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["PREAMBLE", "preamble", "support"]

PREAMBLE = """\
#include <math.h>
#include <string.h>
"""

# Functions of <math.h> whose names in templates stand for those of the type computed with.
_MATHEMATICS = (
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "copysign", "cos",
    "cosh", "erf", "erfc", "exp", "exp2", "expm1", "fabs", "floor", "fmax", "fmin", "fmod", "hypot",
    "lgamma", "log", "log10", "log1p", "log2", "pow", "rint", "round", "sin", "sinh", "sqrt", "tan",
    "tanh", "tgamma", "trunc",
)  # fmt: skip

_BASICS = """\
static inline R gf_power2(R x) { return x * x; }
static inline R gf_power3(R x) { return x * x * x; }
static inline R gf_power4(R x) { const R y = x * x; return y * y; }
static inline R gf_power5(R x) { const R y = x * x; return y * y * x; }
static inline R gf_power6(R x) { const R y = x * x; return y * y * y; }
static inline R gf_power7(R x) { const R y = x * x * x; return y * y * x; }
static inline R gf_power8(R x) { const R y = x * x, z = y * y; return z * z; }
/* with the infinity and the zero that pow gives for negative ones */
static inline R gf_root3(R x) { return x == -(R)INFINITY ? -x : x * sqrt(x); }
static inline R gf_root5(R x) { return x == -(R)INFINITY ? -x : x * x * sqrt(x + (R)0); }
static inline R gf_root7(R x) { return x == -(R)INFINITY ? -x : x * x * x * sqrt(x); }
static inline R gf_larger(R x, R y) { return x > y ? x : y; }

/* factors whose squares bring what is too large or too small into the range of numbers */
#define GF_DOWN (sizeof(R) == sizeof(float) ? (R)0x1p-80 : (R)0x1p-600)
#define GF_UP (sizeof(R) == sizeof(float) ? (R)0x1p+80 : (R)0x1p+600)

#define GF_LARGE (sizeof(R) == sizeof(float) ? (R)0x1p+60 : (R)0x1p+500)
#define GF_SMALL (sizeof(R) == sizeof(float) ? (R)0x1p-50 : (R)0x1p-400)

/* sqrt(x^2 + y^2) without branches, so that several are computed at once */
static inline R gf_hypot(R x, R y)
{
    const R size = fabs(x) > fabs(y) ? fabs(x) : fabs(y);
    const R scale = size > GF_LARGE ? GF_DOWN : size < GF_SMALL ? GF_UP : 1;
    const R back = size > GF_LARGE ? GF_UP : size < GF_SMALL ? GF_DOWN : 1;
    x *= scale;
    y *= scale;
    return back * sqrt(x * x + y * y);
}

/* whether a sum of squares is far from the ends of the range */
static inline int gf_fits(R sum)
{
    return sum * sum > 0 && sum * sum < (R)INFINITY;
}

/* the root of a sum of squares; where that does not fit, of numbers scaled down or up */
static inline R gf_root_of_squares(R plain, R down, R up)
{
    const int fits = gf_fits(plain), large = plain > 1;
    return sqrt(fits ? plain : large ? down : up) * (fits ? 1 : large ? GF_UP : GF_DOWN);
}

/* log(exp(a) + exp(b)); equal infinities are not subtracted */
static inline R gf_log_add_exp(R a, R b)
{
    const R top = a > b ? a : b;
    const R sum = top + log1p(exp(-fabs(a - b)));
    return a == b ? a + (R)0.69314718055994530942 : sum;
}
"""

# The fraction is the convergent of Gauss's x/(1 + x²/(3 + x²/(5 + …))) that is right to rounding up
# to 1 (DLMF 4.39.1).
_TANH = """
#ifndef __AVX512F__
/* one exponential and one division, where tanh in shorter registers takes twice as long as that */
static inline R gf_tanh(R x)
{
    const R y = fabs(x), z = x * x, e = exp(-2 * y);
    const R above = y * (34459425 + z * (4729725 + z * (135135 + z * (990 + z))));
    const R below = 34459425 + z * (16216200 + z * (945945 + z * (13860 + z * 45)));
    return copysign((y < 1 ? above : 1 - e) / (y < 1 ? below : 1 + e), x);
}
#undef tanh
#define tanh gf_tanh
#endif
"""

_ROUTINES = {
    "gemm": """\
static inline void gf_gemm_once(const gf_library *lib, char ta, char tb, long m, long n, long k,
    R alpha, const R *a, long lda, const R *b, long ldb, R beta, R *c, long ldc)
{
    int sizes[6] = {(int)m, (int)n, (int)k, (int)lda, (int)ldb, (int)ldc};
    lib->?gemm(&ta, &tb, sizes, sizes + 1, sizes + 2, &alpha, (R *)a, sizes + 3, (R *)b,
        sizes + 4, &beta, c, sizes + 5);
}

/* OpenBLAS makes products of up to 10^6 terms without copies of its arguments, which is twice as
   fast where one side is narrow: there a larger product is made of such */
static inline void gf_gemm(const gf_library *lib, char ta, char tb, long m, long n, long k,
    R alpha, const R *a, long lda, const R *b, long ldb, R beta, R *c, long ldc)
{
    const long rest = m * (tb == 'N' ? k : n), step = rest > 0 ? 1000000 / rest / 8 * 8 : 0;
    const long whole = tb == 'N' ? n : k;
    if (ta != 'N' || m > 32 || step < 32 || step >= whole) {
        gf_gemm_once(lib, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        return;
    }
    for (long p = 0; p < whole; p += step) {
        const long count = whole - p < step ? whole - p : step;
        if (tb == 'N')
            gf_gemm_once(lib, ta, tb, m, count, k, alpha, a, lda, b + p * ldb, ldb, beta,
                c + p * ldc, ldc);
        else
            gf_gemm_once(lib, ta, tb, m, n, count, alpha, a + p * lda, lda, b + p * ldb, ldb,
                p > 0 ? 1 : beta, c, ldc);
    }
}
""",
    "syrk": """\
static inline void gf_syrk(const gf_library *lib, char trans, long n, long k, R alpha,
    const R *a, long lda, R beta, R *c, long ldc)
{
    char part = 'U';
    int sizes[4] = {(int)n, (int)k, (int)lda, (int)ldc};
    lib->?syrk(&part, &trans, sizes, sizes + 1, &alpha, (R *)a, sizes + 2, &beta, c, sizes + 3);
}
""",
    "turn": """\
#if defined(__has_builtin) && defined(__GNUC__) && defined(__AVX__)
#if __has_builtin(__builtin_shufflevector)
#define GF_SHUFFLE __builtin_shufflevector
#endif
#endif

#ifdef GF_SHUFFLE
typedef R gf_four __attribute__((vector_size(4 * sizeof(R)), aligned(sizeof(R)), may_alias));
typedef R gf_eight __attribute__((vector_size(8 * sizeof(R)), aligned(sizeof(R)), may_alias));

/* b[j][i] = a[i][j] for 4 rows of 4: single entries change places, then pairs */
static inline void gf_turn_4(const R *a, long a_step, R *b, long b_step)
{
    gf_four x[4], y[4];
    for (long i = 0; i < 4; i++)
        x[i] = *(const gf_four *)(a + i * a_step);
    for (long i = 0; i < 4; i += 2) {
        y[i] = GF_SHUFFLE(x[i], x[i + 1], 0, 4, 2, 6);
        y[i + 1] = GF_SHUFFLE(x[i], x[i + 1], 1, 5, 3, 7);
    }
    for (long i = 0; i < 2; i++) {
        x[i] = GF_SHUFFLE(y[i], y[i + 2], 0, 1, 4, 5);
        x[i + 2] = GF_SHUFFLE(y[i], y[i + 2], 2, 3, 6, 7);
    }
    for (long i = 0; i < 4; i++)
        *(gf_four *)(b + i * b_step) = x[i];
}

/* the same for 8 rows of 8, with fours last. Where 8 are longer than a register, the compiler takes
   them apart entry by entry: it is done by quarters */
static inline void gf_turn_8(const R *a, long a_step, R *b, long b_step)
{
#ifndef __AVX512F__
    if (sizeof(R) == 8) {
        for (long i = 0; i < 8; i += 4)
            for (long j = 0; j < 8; j += 4)
                gf_turn_4(a + i * a_step + j, a_step, b + j * b_step + i, b_step);
        return;
    }
#endif
    gf_eight x[8], y[8];
    for (long i = 0; i < 8; i++)
        x[i] = *(const gf_eight *)(a + i * a_step);
    for (long i = 0; i < 8; i += 2) {
        y[i] = GF_SHUFFLE(x[i], x[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        y[i + 1] = GF_SHUFFLE(x[i], x[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    for (long k = 0; k < 4; k++) {
        const long i = k + (k & 2);
        x[i] = GF_SHUFFLE(y[i], y[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        x[i + 2] = GF_SHUFFLE(y[i], y[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
    for (long i = 0; i < 4; i++) {
        y[i] = GF_SHUFFLE(x[i], x[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        y[i + 4] = GF_SHUFFLE(x[i], x[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
    for (long i = 0; i < 8; i++)
        *(gf_eight *)(b + i * b_step) = y[i];
}
#endif

/* b[j][i] = a[i][j]; rows follow each other at these steps */
static void gf_turn(long rows, long columns, const R *restrict a, long a_step, R *restrict b,
    long b_step)
{
    for (long p = 0; p < rows; p += 8)
        for (long q = 0; q < columns; q += 8) {
#ifdef GF_SHUFFLE
            if (p + 8 <= rows && q + 8 <= columns) {
                gf_turn_8(a + p * a_step + q, a_step, b + q * b_step + p, b_step);
                continue;
            }
#endif
            for (long i = p; i < p + 8 && i < rows; i++)
                for (long j = q; j < q + 8 && j < columns; j++)
                    b[j * b_step + i] = a[i * a_step + j];
        }
}
""",
    "stream": """\
/* copies whole lines past the caches: they are not read before, nor drive out what is there */
static inline void gf_stream(long count, const R *a, R *b)
{
#if defined(__AVX__) && defined(__GNUC__) && !defined(__clang__)
    typedef long long gf_half __attribute__((vector_size(32), may_alias));
    typedef long long gf_read __attribute__((vector_size(32), aligned(4), may_alias));
    const long line = 64 / sizeof(R);
    for (; count && (size_t)b % 64; count--)
        *b++ = *a++;
    for (; count >= line; count -= line, a += line, b += line) {
        __builtin_ia32_movntdq256((gf_half *)b, ((const gf_read *)a)[0]);
        __builtin_ia32_movntdq256((gf_half *)b + 1, ((const gf_read *)a)[1]);
    }
#endif
    memcpy(b, a, count * sizeof(R));
}

/* what was streamed is seen by others before anything that is written later */
static inline void gf_streamed(void)
{
#if defined(__AVX__) && defined(__GNUC__) && !defined(__clang__)
    __builtin_ia32_sfence();
#endif
}
""",
    "mirror": """\
/* the upper triangle from the lower one, by tiles */
static void gf_mirror(long n, R *a)
{
    for (long p = 0; p < n; p += 32) {
        const long rows = n - p < 32 ? n - p : 32;
        for (long q = 0; q < p; q += 32)
            gf_turn(rows, 32, a + p * n + q, n, a + q * n + p, n);
        for (long i = p; i < p + rows; i++)
            for (long j = p; j < i; j++)
                a[j * n + i] = a[i * n + j];
    }
}
""",
    "copy": """\
static inline void gf_copy(long count, const R *a, R *b)
{
    memcpy(b, a, count * sizeof(R));
}
""",
    "transpose": """\
static inline void gf_transpose(long rows, long columns, const R *a, R *b)
{
    gf_turn(rows, columns, a, columns, b, rows);
}
""",
    "gf_cholesky": """\
/* a = l l' with l below the diagonal; a matrix with NaN has NaN for factors */
static int gf_cholesky(const gf_library *lib, int n, const R *a, R *l)
{
    char part = 'U';
    int failed = 0;
    memcpy(l, a, (long)n * n * sizeof(R));
    if (n)
        lib->?potrf(&part, &n, l, &n, &failed);
    if (!failed)
        return 0;
    for (long k = 0; k < (long)n * n; k++)
        if (a[k] != a[k]) {
            for (k = 0; k < (long)n * n; k++)
                l[k] = NAN;
            return 0;
        }
    return 1;
}
""",
    "gf_cholesky_solution": """\
/* x' l l' = b' by columns */
static void gf_cholesky_solution(const gf_library *lib, int n, int k, const R *l, const R *b,
    R *x)
{
    char side = 'R', part = 'U', plain = 'N', turned = 'T';
    R one = 1;
    memcpy(x, b, (long)n * k * sizeof(R));
    if (!n || !k)
        return;
    lib->?trsm(&side, &part, &plain, &plain, &k, &n, &one, (R *)l, &n, x, &k);
    lib->?trsm(&side, &part, &turned, &plain, &k, &n, &one, (R *)l, &n, x, &k);
}
""",
    "gf_cholesky_inverse": """\
static void gf_cholesky_inverse(const gf_library *lib, int n, const R *l, R *x)
{
    char part = 'U';
    int failed;
    memcpy(x, l, (long)n * n * sizeof(R));
    if (n)
        lib->?potri(&part, &n, x, &n, &failed);
    gf_mirror(n, x);
}
""",
    "gf_cholesky_logarithm": """\
static R gf_cholesky_logarithm(int n, const R *l)
{
    R sum = 0;
    for (long i = 0; i < n; i++)
        sum += log(l[i * n + i]);
    return 2 * sum;
}
""",
    "gf_cholesky_determinant": """\
static R gf_cholesky_determinant(int n, const R *l)
{
    R product = 1;
    for (long i = 0; i < n; i++)
        product *= l[i * n + i];
    return product * product;
}
""",
    "gf_lu": """\
/* the factors and behind them the exchanges; 1 where the matrix is singular */
static int gf_lu(const gf_library *lib, int n, const R *a, R *f)
{
    int failed = 0;
    memcpy(f, a, (long)n * n * sizeof(R));
    if (n)
        lib->?getrf(&n, &n, f, &n, (int *)(f + (long)n * n), &failed);
    return failed > 0;
}
""",
    "gf_lu_solution": """\
static void gf_lu_solution(const gf_library *lib, int n, int k, const R *f, const R *b, R *x,
    R *sides, char trans)
{
    int failed;
    R *target = k == 1 ? x : sides;
    if (!n || !k)
        return;
    gf_transpose(n, k, b, target);
    lib->?getrs(&trans, &n, &k, (R *)f, &n, (int *)(f + (long)n * n), target, &n, &failed);
    if (k > 1)
        gf_transpose(k, n, target, x);
}
""",
    "gf_lu_inverse": """\
static void gf_lu_inverse(const gf_library *lib, int n, const R *f, R *x, R *spare)
{
    int failed, size = 64 * n;
    memcpy(x, f, (long)n * n * sizeof(R));
    if (n)
        lib->?getri(&n, x, &n, (int *)(f + (long)n * n), spare, &size, &failed);
}
""",
    "gf_lu_logarithm": """\
static R gf_lu_logarithm(int n, const R *f)
{
    R sum = 0;
    for (long i = 0; i < n; i++)
        sum += log(fabs(f[i * n + i]));
    return sum;
}
""",
    "gf_lu_determinant": """\
/* every exchange of rows changes the sign */
static R gf_lu_determinant(int n, const R *f)
{
    const int *exchanges = (const int *)(f + (long)n * n);
    R product = 1;
    for (long i = 0; i < n; i++)
        product *= exchanges[i] == i + 1 ? f[i * n + i] : -f[i * n + i];
    return product;
}
""",
}
# What the text of a statement needs besides the routine it calls.
_TOGETHER = {
    "mirror": ("turn",),
    "transpose": ("turn",),
    "gf_cholesky_inverse": ("mirror", "turn"),
    "gf_lu_solution": ("transpose", "turn"),
}


def preamble(real: str, vector: Collection[str]) -> str:
    """The type, the names of functions of it, and what every module may use.

    ``vector`` are the functions that the compiler takes several of at once.
    """
    names = ""
    if real == "float":
        names = "".join(f"#define {name} {name}f\n" for name in _MATHEMATICS)
    suffix = "f" if real == "float" else ""
    for name in ("sin", "cos"):
        if name + suffix in vector:
            names += _apart(name, name + suffix, real)
    tanh = _TANH if "exp" + suffix in vector else ""
    return f"typedef {real} R;\n{names}\n{_BASICS}{tanh}"


def _apart(name: str, symbol: str, real: str) -> str:
    """Sine or cosine by another name: of both of one angle compilers make a single call, of
    which there is no vector variant.
    """
    return (
        f'__attribute__((simd("notinbranch"), const)) {real} gf_{name}({real}) '
        f'__asm__("{symbol}");\n#undef {name}\n#define {name} gf_{name}\n'
    )


def support(routines: Collection[str], real: str) -> str:
    """The helpers that are called, in the precision of the type."""
    needed = set(routines)
    for routine in routines:
        needed.update(_TOGETHER.get(routine, ()))
    letter = "d" if real == "double" else "s"
    texts = [text for name, text in _ROUTINES.items() if name in needed]
    return re.sub(r"lib->\?", f"lib->{letter}", "\n".join(texts))
