"""Special functions that C's mathematical library lacks, as C source.

Everything is computed in double precision, also for programs in single precision. Outside
its domain a function gives NaN, at a pole an infinity.
"""

from __future__ import annotations

__all__ = ["DAWSON", "DIGAMMA", "ERFCX", "LAMBERT_W", "LOGERFC", "POLYGAMMA"]

# F(x) = exp(-x²) Σ x^(2k+1)/(k! (2k+1)), all terms positive, and for large x
# F(x) ~ 1/(2x) Σ (2k-1)!!/(2x²)^k (DLMF 7.6.2, 7.12.1): at 6.5 its least term is e^-42.
DAWSON = """\
/* Dawson's integral exp(-x^2) int_0^x exp(t^2) dt. */
static double dawson(double x)
{
    double square = x * x, term, sum, part;
    int k;
    if (!(square < 42.25)) {
        term = sum = 1.0;
        for (k = 1; k < 30 && term > 1e-17; k++) {
            term *= (2 * k - 1) / (2.0 * square);
            sum += term;
        }
        return 0.5 * sum / x;
    }
    term = sum = part = x;
    for (k = 1; k < 400 && fabs(part) > 1e-17 * fabs(sum); k++) {
        term *= square / k;
        part = term / (2 * k + 1);
        sum += part;
    }
    return exp(-square) * sum;
}
"""

# √π erfcx(x) = 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))) for x > 0 (DLMF 7.9.1): from 4 on
# twenty levels are exact.
_TAIL = """\
/* {what}. */
static double {name}(double x)
{{
    double level = x;
    int k;
    if (!(x > 4.0))
        return {near};
    for (k = 20; k > 0; k--)
        level = x + 0.5 * k / level;
    return {far};
}}
"""
ERFCX = _TAIL.format(
    what="exp(x^2) erfc(x)",
    name="erfcx",
    near="exp(x * x) * erfc(x)",
    far="0.56418958354775629 / level",
)
LOGERFC = _TAIL.format(
    what="log(erfc(x))",
    name="logerfc",
    near="x < 0.5 ? log1p(-erf(x)) : log(erfc(x))",
    far="log(0.56418958354775629 / level) - x * x",
)

# ψ(x) = ψ(x + 1) - 1/x and ψ(x) ~ log x - 1/(2x) - Σ B_2k/(2k x^2k) (DLMF 5.5.2, 5.11.2).
# Left of 0, ψ(x) = ψ(1 - x) - π/tan(πx) (DLMF 5.5.4). Between 1 and 2 the zero r = 1.4616…
# is taken out, so that values near it are accurate: the same formulas for ψ(x) - ψ(r), with
# the difference x - r as a factor of every term.
DIGAMMA = """\
/* sum c_k u^k, the series of log(x) - 1/(2 x) - psi(x) for u = 1/x^2, divided by u; with
   slope, also (f(u) - f(v))/(u - v) for f(u) = u times this sum. */
static double digamma_series(double u, double v, double *slope)
{
    static const double c[] = {
        1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760, 1.0 / 12};
    double sum = 0.0, quotient = 0.0;
    int k;
    for (k = 6; k >= 0; k--) {
        quotient = quotient * u + sum;
        sum = sum * v + c[k];
    }
    *slope = quotient * u + sum;
    return sum;
}

/* The logarithmic derivative of the gamma function. */
static double digamma(double x)
{
    const double root = 1.4616321449683622, rest = 9.549995429965697e-17, pi = 3.141592653589793;
    double shift = 0.0, a, b, gap, slope;
    int k;
    if (x <= 0.0) {
        if (x == 0.0)
            return -1.0 / x;
        a = x - floor(x + 0.5);
        if (a == 0.0 || x - x != 0.0)
            return NAN;
        return digamma(1.0 - x) - pi / tan(pi * a);
    }
    if (x >= 1.0 && x <= 2.0) {
        gap = (x - root) - rest;
        for (k = 0; k < 12; k++)
            shift += 1.0 / ((x + k) * (root + k));
        a = x + 12;
        b = root + 12;
        digamma_series(1.0 / (a * a), 1.0 / (b * b), &slope);
        return gap * (shift + 0.5 / (a * b) + slope * (a + b) / (a * a * b * b))
            + log1p(gap / b);
    }
    for (; x < 12.0; x += 1.0)
        shift += 1.0 / x;
    a = 1.0 / x;
    return log(x) - 0.5 * a - a * a * digamma_series(a * a, a * a, &slope) - shift;
}
"""

# ψ⁽ᵏ⁾(x) = (-1)^(k+1) k! Σ_{n>=0} (x + n)^-(k+1) (DLMF 5.15.1). The sum over n from q > 0 on
# is ζ(s, q), by adding terms up to a = q + n and then Euler and Maclaurin's
# a^(1-s)/(s-1) + a^-s/2 + Σ B_2j/(2j)! s(s+1)…(s+2j-2) a^(1-s-2j) (DLMF 25.11.5). Negative
# terms of the sum, read from the other end, are differences of such sums.
POLYGAMMA = """\
/* The sum of (q + n)^-s over n = 0, 1, ... for q > 0 and whole s >= 2. */
static double zeta_from(double s, double q)
{
    static const double c[] = {
        1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160,
        -691.0 / 1307674368000.0, 1.0 / 74724249600.0, -3617.0 / 10670622842880000.0};
    double sum = 0.0, term;
    int j;
    for (; q < 10.0 + s; q += 1.0)
        sum += pow(q, -s);
    sum += pow(q, 1.0 - s) / (s - 1.0) + 0.5 * pow(q, -s);
    term = s * pow(q, -s) / q;
    for (j = 0; j < 8; j++) {
        sum += c[j] * term;
        term *= (s + 2 * j + 1) * (s + 2 * j + 2) / (q * q);
    }
    return sum;
}

/* The derivative of order k = 1, 2, ... of the digamma function. */
static double polygamma(double k, double x)
{
    double s = k + 1.0, sign = fmod(k, 2.0) != 0.0 ? 1.0 : -1.0, off = x - floor(x + 0.5), sum;
    if (x != x)
        return x;
    if (x - x != 0.0)
        return x > 0.0 ? sign * 0.0 : NAN;
    if (x <= 0.0 && off == 0.0)
        return sign * INFINITY;
    if (x > 0.0)
        sum = zeta_from(s, x);
    else
        sum = zeta_from(s, off > 0.0 ? off : 1.0 + off)
            + sign * (zeta_from(s, off > 0.0 ? 1.0 - off : -off) - zeta_from(s, 1.0 - x));
    return sign * tgamma(s) * sum;
}
"""

# w e^w = x. Near the branch point x = -1/e, with w = -1 + u,
# 1 - (1 - u) e^u = Σ_{k>=2} (k-1)/k! u^k = 1 + e x, which Newton's method solves for u without
# cancellation; 1/e is held in two parts. For large |log|x||, Newton for w + log(w/x) = 0;
# between, Halley for w e^w - x (Corless et al. 1996).
LAMBERT_W = """\
/* The w with w exp(w) = x: for k = 0 the one from -1 up, for k = -1 the one up to -1. */
static double LambertW(double x, double k)
{
    const double inverse_e = 0.36787944117144233, rest = -1.2428753672788363e-17;
    double gap = (x + inverse_e) + rest, w, u, f, slope, term, step;
    int i, j;
    if (!(gap >= 0.0) || (k != 0.0 && x > 0.0))
        return NAN;
    if (x == 0.0)
        return k == 0.0 ? x : -INFINITY;
    if (x > 1.7976931348623157e308)
        return x;
    if (gap < 0.09) {
        gap *= 2.718281828459045;
        u = (k == 0.0 ? 1.0 : -1.0) * sqrt(2.0 * gap);
        u -= u * u / 3.0;
        for (i = 0; i < 20 && gap > 0.0; i++) {
            f = -gap;
            slope = 0.0;
            for (j = 2, term = u; j < 26; j++) {
                slope += term;
                f += term * u / j;
                term *= u / (j - 1);
            }
            step = f / slope;
            u -= step;
            if (fabs(step) <= 1e-16 * fabs(u))
                break;
        }
        return u - 1.0;
    }
    if (k != 0.0 || x > 2.0) {
        f = log(fabs(x));
        w = k == 0.0 ? (f > 1.0 ? f - log(f) : 0.8) : f - log(-f);
        for (i = 0; i < 30; i++) {
            step = w * (f - w - log(fabs(w))) / (1.0 + w);
            w += step;
            if (fabs(step) <= 1e-16 * fabs(w))
                break;
        }
        return w;
    }
    w = x > 0.0 ? log1p(x) * 0.7 : x * (1.0 - x);
    for (i = 0; i < 30; i++) {
        f = w - x * exp(-w);
        step = f / (1.0 + w - (w + 2.0) * f / (2.0 * w + 2.0));
        w -= step;
        if (fabs(step) <= 1e-16 * fabs(w))
            break;
    }
    return w;
}
"""
