"""Functions that MATLAB lacks, or defines otherwise at NaN, as MATLAB source.

They run in GNU Octave too, and in MATLAB without toolboxes.
"""

from __future__ import annotations

__all__ = [
    "CHOOSE",
    "DAWSON",
    "EIGENVECTORS",
    "GREATEST",
    "HUBER",
    "INVERSE",
    "LAMBERT_W",
    "LOGERFC",
    "LARGEST",
    "LESSER",
    "LOG_DETERMINANT",
    "MARK_GREATEST",
    "PRODUCT",
    "PSEUDO_INVERSE",
    "REAL_OR_NAN",
    "REAL_POWER",
    "RECIPROCAL",
    "RIGHT_VECTORS",
    "XLOGX",
    "BAND_SUMS",
    "TOP_PAIR",
    "POLAR",
]

REAL_OR_NAN = """\
function y = real_or_nan(y)
    % What is no real number is NaN.
    if ~isreal(y)
        outside = imag(y) ~= 0;
        y = real(y);
        y(outside) = NaN;
    end
end
"""

# With one negative entry, all powers would be complex, and 0^0 NaN.
REAL_POWER = """\
function y = real_power(a, b)
    % a.^b; NaN where that is no real number.
    y = abs(a).^b;
    turned = a < 0 & mod(b, 2) == 1;
    y(turned) = -y(turned);
    y(a < 0 & b ~= fix(b) & isfinite(a)) = NaN;
end
"""

CHOOSE = """\
function y = choose(c, a, b)
    % a where c holds, b elsewhere.
    c = (c | false(size(a))) | false(size(b));
    y = a + zeros(size(c));
    b = b + zeros(size(c));
    y(~c) = b(~c);
end
"""

# max and min of MATLAB pass NaN over.
GREATEST = """\
function y = greater(a, b)
    % The larger one of each pair; NaN where one is.
    y = max(a, b);
    y(isnan(a) | isnan(b)) = NaN;
end
"""

LESSER = """\
function y = lesser(a, b)
    % The smaller one of each pair; NaN where one is.
    y = min(a, b);
    y(isnan(a) | isnan(b)) = NaN;
end
"""

RECIPROCAL = """\
function y = recip0(x)
    % 1 ./ x, and 0 at 0.
    y = 1 ./ x;
    y(x == 0) = 0;
end
"""

HUBER = """\
function y = huber(x, d)
    % x.^2 / 2 where abs(x) <= d, d .* (abs(x) - d / 2) elsewhere.
    y = d .* (abs(x) - d / 2);
    small = x.^2 / 2 + zeros(size(y));
    inside = abs(x) <= d;
    y(inside) = small(inside);
end
"""

XLOGX = """\
function y = xlogx(x)
    % x .* log(x), 0 at 0, NaN left of 0.
    y = real(x .* log(x));
    y(x == 0) = 0;
    y(x < 0) = NaN;
end
"""

# All terms of exp(-x²) Σ x^(2k+1)/(k! (2k+1)) have one sign; from 6.5 on the asymptotic
# series Σ (2k-1)!!/(2x²)^k is exact (DLMF 7.6.2, 7.12.1).
DAWSON = """\
function y = dawson(x)
    % Dawson's integral exp(-x^2) int_0^x exp(t^2) dt.
    far = abs(x) >= 6.5;
    near = x;
    near(far) = 0;
    term = near;
    y = near;
    for k = 1:200
        term = term .* near.^2 / k;
        y = y + term / (2 * k + 1);
    end
    y = exp(-near.^2) .* y;
    term = ones(size(x(far)));
    series = term;
    for k = 1:20
        term = term .* (2 * k - 1) ./ (2 * x(far).^2);
        series = series + term;
    end
    y(far) = series ./ (2 * x(far));
end
"""

LOGERFC = """\
function y = logerfc(x)
    % log(erfc(x)), also where erfc(x) is 0 to rounding.
    near = x < 0.5;
    far = x > 1;
    y = log(erfc(x));
    y(near) = log1p(-erf(x(near)));
    y(far) = log(erfcx(x(far))) - x(far).^2;
end
"""

# With w = -1 + u near the branch point, Newton's method for log(1 - u) + u = log(-e x).
# Elsewhere Newton for w + log(w/x) = 0, and Halley's method for w - x e^-w = 0.
LAMBERT_W = """\
function w = LambertW(x, k)
    % w with w .* exp(w) = x: for k = 0 from -1 up, for k = -1 up to -1; NaN where there is none.
    x = x + zeros(size(k));
    w = NaN(size(x));
    for i = 1:numel(x)
        w(i) = lambert_one(x(i), k(min(i, numel(k))));
    end
end

function w = lambert_one(x, k)
    gap = (x + 0.36787944117144233) - 1.2428753672788363e-17;
    if isnan(x) || gap < 0 || (k == -1 && x > 0)
        w = NaN;
    elseif x == 0
        w = x;
        if k == -1
            w = -Inf;
        end
    elseif isinf(x)
        w = x;
    elseif gap < 0.09
        u = sqrt(2 * exp(1) * gap) * (1 + 2 * k);
        u = u - u^2 / 3;
        for step = 1:20
            if u == 0
                break
            end
            j = 2:25;
            terms = u.^(j - 1) ./ factorial(j - 2);
            u = u - (sum(terms .* u ./ j) - exp(1) * gap) / sum(terms);
        end
        w = u - 1;
    elseif k == -1 || x > 2
        t = log(abs(x));
        w = t - log(abs(t) + (k == 0));
        for step = 1:30
            w = w + w * (t - w - log(abs(w))) / (1 + w);
        end
    else
        w = x * (1 - x);
        if x > 0
            w = 0.7 * log1p(x);
        end
        for step = 1:30
            f = w - x * exp(-w);
            w = w - f / (1 + w - (w + 2) * f / (2 * w + 2));
        end
    end
end
"""

# ---------------------------------------------------------------- whole arrays

PRODUCT = """\
function y = product_of(x)
    % The product of all entries.
    y = prod(x(:));
end
"""

LARGEST = """\
function y = largest(x)
    % The largest entry; NaN where one is.
    y = max(x(:));
    if any(isnan(x(:)))
        y = NaN;
    end
end
"""

MARK_GREATEST = """\
function y = mark_greatest(x)
    % Zeros, and one where the greatest entry is first, row by row.
    [~, place] = max(reshape(x', [], 1));
    y = zeros(size(x'));
    y(place) = 1;
    y = y';
end
"""

INVERSE = """\
function y = inverse(A)
    % inv(A), with an error where A is singular.
    if rcond(A) == 0
        error('a matrix is singular');
    end
    y = inv(A);
end
"""

LOG_DETERMINANT = """\
function y = log_determinant(A)
    % log(abs(det(A))) without overflow.
    [~, U, ~] = lu(A);
    y = sum(log(abs(diag(U))));
end
"""

EIGENVECTORS = """\
function V = eigenvectors(S)
    % Eigenvectors of a symmetric matrix, eigenvalues ascending; largest entries positive.
    [V, D] = eig((S + S') / 2);
    [~, order] = sort(diag(D));
    V = V(:, order);
    [~, place] = max(abs(V), [], 1);
    V = V .* sign(V(sub2ind(size(V), place, 1:size(V, 2))));
end
"""

RIGHT_VECTORS = """\
function V = right_vectors(X)
    % Right singular vectors as columns; largest entries positive.
    [~, ~, V] = svd(X, 'econ');
    [~, place] = max(abs(V), [], 1);
    V = V .* sign(V(sub2ind(size(V), place, 1:size(V, 2))));
end
"""

PSEUDO_INVERSE = """\
function Y = pseudo_inverse(X)
    % pinv(X), where singular values of rounding count as 0.
    Y = pinv(X, max(1e-12, 64 * eps(class(X))) * norm(X));
end
"""

POLAR = """\
function Q = polar(X)
    % U V' of the singular value decomposition.
    [U, ~, V] = svd(X, 'econ');
    Q = U * V';
end
"""

TOP_PAIR = """\
function Q = top_pair(X)
    % u1 v1' of the largest singular value.
    [U, ~, V] = svd(X, 'econ');
    Q = U(:, 1) * V(:, 1)';
end
"""

BAND_SUMS = """\
function y = band_sums(X)
    % Entry (i, j) is the sum of the diagonal it lies on.
    n = size(X, 1);
    y = zeros(n);
    for k = 1 - n:n - 1
        y = y + sum(diag(X, k)) * diag(ones(n - abs(k), 1), k);
    end
end
"""
