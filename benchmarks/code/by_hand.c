/* Derivatives of small functions at many points, as one writes them by hand. */
#include <math.h>

/* Gradient of the Rosenbrock function of n numbers, for each of count points. */
void rosenbrock(long count, long n, const double *restrict x, double *restrict g)
{
    for (long p = 0; p < count; p++, x += n, g += n) {
        g[0] = 0.0;
        for (long i = 0; i + 1 < n; i++) {
            double t = x[i + 1] - x[i] * x[i];
            g[i] += -400.0 * x[i] * t - 2.0 * (1.0 - x[i]);
            g[i + 1] = 200.0 * t;
        }
    }
}

/* Jacobian (2 x 3) of the position of a planar arm with three joints. */
void robot_arm(long count, const double *restrict t, const double *restrict l,
               double *restrict jacobian)
{
    for (long p = 0; p < count; p++, t += 3, jacobian += 6) {
        double s = t[0] + t[1], r = s + t[2];
        double x3 = -l[2] * sin(r), y3 = l[2] * cos(r);
        double x2 = x3 - l[1] * sin(s), y2 = y3 + l[1] * cos(s);
        jacobian[0] = x2 - l[0] * sin(t[0]);
        jacobian[1] = x2;
        jacobian[2] = x3;
        jacobian[3] = y2 + l[0] * cos(t[0]);
        jacobian[4] = y2;
        jacobian[5] = y3;
    }
}

/* Jacobian (2 x 3) of a camera's residual by its rotation vector (Rodrigues' formula). */
void bundle_adjustment(long count, const double *restrict r, const double *restrict t,
                       const double *restrict p, double f, double *restrict jacobian)
{
    for (long point = 0; point < count; point++, r += 3, t += 3, p += 3, jacobian += 6) {
        double n = sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
        double k[3] = {r[0] / n, r[1] / n, r[2] / n};
        double c = cos(n), s = sin(n);
        double w[3] = {k[1] * p[2] - k[2] * p[1], k[2] * p[0] - k[0] * p[2],
                       k[0] * p[1] - k[1] * p[0]};
        double d = k[0] * p[0] + k[1] * p[1] + k[2] * p[2];
        double q[3];
        for (int i = 0; i < 3; i++)
            q[i] = c * p[i] + s * w[i] + (1 - c) * d * k[i] + t[i];
        double a = f / q[2], x = q[0] / q[2], y = q[1] / q[2];
        for (int j = 0; j < 3; j++) {
            double dk[3], dq[3];
            for (int i = 0; i < 3; i++)
                dk[i] = ((i == j) - k[i] * k[j]) / n;
            double dw[3] = {dk[1] * p[2] - dk[2] * p[1], dk[2] * p[0] - dk[0] * p[2],
                            dk[0] * p[1] - dk[1] * p[0]};
            double dd = dk[0] * p[0] + dk[1] * p[1] + dk[2] * p[2];
            for (int i = 0; i < 3; i++)
                dq[i] = -s * k[j] * p[i] + c * k[j] * w[i] + s * dw[i] + s * k[j] * d * k[i]
                        + (1 - c) * (dd * k[i] + d * dk[i]);
            jacobian[j] = a * (dq[0] - x * dq[2]);
            jacobian[3 + j] = a * (dq[1] - y * dq[2]);
        }
    }
}
