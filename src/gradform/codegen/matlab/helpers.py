"""Functions that MATLAB source carries when it needs them."""

from __future__ import annotations

from gradform.functions.sources.matlab import REAL_OR_NAN, REAL_POWER

__all__ = ["HELPERS"]

HELPERS = {
    "check_shape": """\
function check_shape(name, value, wanted)
    % Raise an error that names the variable unless it has the wanted size.
    if ~isequal(size(value), wanted)
        error('%s must have size %s, got %s', name, mat2str(wanted), mat2str(size(value)));
    end
end
""",
    "real_or_nan": REAL_OR_NAN,
    "real_power": REAL_POWER,
    "total": """\
function s = total(x)
    % The sum of all entries.
    s = sum(x(:));
end
""",
    "logaddexp": """\
function y = logaddexp(a, b)
    % log(exp(a) + exp(b)) without overflow.
    top = max(a, b);
    y = top + log1p(exp(-abs(a - b)));
    y(a == b) = top(a == b) + log(2);
end
""",
    "root_of_squares": """\
function y = root_of_squares(x, dims)
    % sqrt(sum(x.^2)) along dimensions, 0 for all; of scaled numbers where squares overflow
    % or vanish.
    if isequal(dims, 0)
        x = x(:);
        dims = 1;
    end
    y = x.^2;
    top = abs(x);
    for d = dims
        y = sum(y, d);
        top = max(top, [], d);
    end
    if all(y(:) > 1e-280 & y(:) < 1e280)
        y = sqrt(y);
        return;
    end
    top = min(max(top, realmin), realmax);
    x = (x ./ top).^2;
    for d = dims
        x = sum(x, d);
    end
    y = top .* sqrt(x);
end
""",
    "logsumexp": """\
function y = logsumexp(x, dims)
    % log(sum(exp(x))) along dimensions, 0 for all; the largest is taken out first.
    if isequal(dims, 0)
        x = x(:);
        dims = 1;
    end
    top = x;
    for d = dims
        top = max(top, [], d);
    end
    top(~isfinite(top)) = 0;
    y = exp(x - top);
    for d = dims
        y = sum(y, d);
    end
    y = top + log(y);
end
""",
    "softmax": """\
function y = softmax(x, dims)
    % exp(x) / sum(exp(x)) along dimensions, 0 for all; the largest is taken out first.
    if isequal(dims, 0)
        dims = 1:ndims(x);
    end
    top = x;
    for d = dims
        top = max(top, [], d);
    end
    y = exp(x - top);
    s = y;
    for d = dims
        s = sum(s, d);
    end
    y = y ./ s;
end
""",
    "solution": """\
function x = solution(A, b)
    % A \\ b, with an error where A is singular.
    if rcond(A) == 0
        error('a matrix is singular');
    end
    x = A \\ b;
end
""",
    "embed": """\
function y = embed(x, count, start, d)
    % Zeros of size count along dimension d, with x after the first start.
    sizes = size(x);
    at = repmat({':'}, 1, max(ndims(x), d));
    at{d} = start + (1:size(x, d));
    sizes(d) = count;
    y = zeros(sizes);
    y(at{:}) = x;
end
""",
    "reshape_by_rows": """\
function y = reshape_by_rows(x, sizes)
    % The same entries, last index fastest, under new sizes.
    x = reshape(permute(x, ndims(x):-1:1), fliplr(sizes));
    y = permute(x, numel(sizes):-1:1);
end
""",
    "spread": """\
function y = spread(x, a, b, count)
    % Zeros, with x where the indices of dimensions a and b agree; x lacks dimension b, and
    % the result has count dimensions.
    own = a - (a > b);
    rest = setdiff(1:count - 1, own);
    sizes = ones(1, count - 1);
    sizes(1:ndims(x)) = size(x);
    sizes = sizes(1:count - 1);
    n = sizes(own);
    x = reshape(permute(x, [own, rest, count]), n, []);
    y = zeros(n, n, size(x, 2));
    for k = 1:n
        y(k, k, :) = x(k, :);
    end
    y = reshape(y, [n, n, sizes(rest)]);
    others = setdiff(1:count, [a, b]);
    order(a) = 1;
    order(b) = 2;
    order(others) = 2 + (1:numel(others));
    y = permute(y, order);
end
""",
}
