"""The sign of a number: by its form, by balls, by a proof of zero, at last by many bits."""

from __future__ import annotations

from flint import fmpq

from gradform.exact.balls import FIRST_BITS, LAST_BITS, Undecided, ball_sign
from gradform.exact.form import Form, Number
from gradform.exact.proofs import is_zero
from gradform.language import say

__all__ = ["decide_sign", "sign"]

_PROOF_BITS = 128  # a proof of zero is tried when balls of so many bits contain 0
_LAST_BITS_OF_NONZERO = 1 << 20  # for numbers that are proved not to be 0


def sign(value: Number) -> int:
    """−1, 0 or 1. Raises Undecided when there is neither a proof of zero nor of nonzero."""
    if isinstance(value, fmpq):
        return int(value > 0) - int(value < 0)
    if value.sign is None:
        decide_sign(value)
    if value.sign == 0 and not value.proved:
        raise Undecided(
            say(
                "{bits} bits do not tell this number from 0, and no proof was found",
                bits=LAST_BITS,
            )
        )
    assert value.sign is not None
    return value.sign


def decide_sign(value: Form) -> None:
    """Set ``sign`` and ``proved`` of a form."""
    bits, last = FIRST_BITS, LAST_BITS
    value.sign = value.evident_sign()
    while value.sign is None:
        value.sign = ball_sign(value.evaluate(bits))
        if value.sign is None and bits == _PROOF_BITS:
            verdict = is_zero(value)
            if verdict:
                value.sign = 0
            elif verdict is False:
                last = _LAST_BITS_OF_NONZERO
        bits *= 2
        if value.sign is None and bits > last:
            value.sign, value.proved = 0, False
