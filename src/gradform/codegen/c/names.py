"""Names that C source uses itself, so that no variable or size is called so."""

from __future__ import annotations

__all__ = ["LIBM", "RESERVED"]

# Functions of <math.h> that templates call; those of floats end in f.
_MATH = (
    "acos acosh asin asinh atan atanh cos cosh erf erfc exp expm1 fabs floor fmod lgamma log "
    "log1p pow sin sinh sqrt tan tanh tgamma"
)
LIBM = tuple(_MATH.split())

_KEYWORDS = (
    "auto break case char const continue default do double else enum extern float for goto if "
    "inline int long register restrict return short signed sizeof static struct switch typedef "
    "union unsigned void volatile while "
    "_Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert "
    "_Thread_local alignas alignof bool constexpr false nullptr static_assert thread_local true "
    "typeof asm linux unix"  # the last three by compilers' own choice
)
_LIBRARY = "malloc free memcpy memset qsort size_t NULL INFINITY NAN main"
_OWN = "status work done"

RESERVED = frozenset(" ".join([_KEYWORDS, _LIBRARY, _OWN, *LIBM]).split())
