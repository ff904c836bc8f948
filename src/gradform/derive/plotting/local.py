"""What is known at one point of a function of one number: its slopes on both sides, and those
of all lines that support it."""

from __future__ import annotations

import math

from gradform.derive.plotting.slopes import Slope
from gradform.derive.plotting.subject import Subject
from gradform.errors import GradformError
from gradform.exact import Real
from gradform.language import say
from gradform.nonsmooth.line.map_result import SubdifferentialMap
from gradform.nonsmooth.line.question import LineQuestion, parse_number, read_question
from gradform.nonsmooth.line.result import LineSubdifferential
from gradform.nonsmooth.line.written import number_written
from gradform.notation.spelled import spell_unicode
from gradform.notation.text import to_text
from gradform.notation.unicode import to_unicode
from gradform.pictures.scale import number_text
from gradform.records import record

__all__ = ["Local", "kinks_of", "line_question", "local_at"]

_LONGEST_EXACT = 14
_GIVING_UP = (GradformError, ValueError, ArithmeticError)
_WIDE, _STEP = 0.1, 1e-4  # of quotients, where x is about 1
_AGREEMENT, _ROUNDINGS = 1e-5, 1e-13
# Where the domain is not found: half-lines, outside which the function has no values.
_DOMAINS = ((None, 0), ("[0, inf)", -1), ("(0, inf)", -1), ("(-inf, 0]", 1), ("(-inf, 0)", 1))
_FAR = [10.0**k for k in range(-9, 10)]


@record
class Local:
    """The slopes at ``x``, and how they are written.

    left, right   the one-sided derivatives; None where they are not known
    low, high     the slopes of supporting lines; None where there are none, or none is asked
    kind          smooth; kink, empty (the function is convex or concave, and lines support it
                  or none does); corner, steep, end (it is neither); or unknown
    told          left, right and the set, as text
    """

    x: float
    place: str
    left: float | None
    right: float | None
    low: float | None
    high: float | None
    kind: str
    told: tuple[str, str, str]

    @property
    def sentence(self) -> str:
        """What follows from the slopes."""
        match self.kind:
            case "kink":
                return say(
                    "∂f({place}) = {set}: the slopes of all lines that support the graph here.",
                    place=self.place,
                    set=self.told[2],
                )
            case "empty":
                return say("No line supports the graph here: ∂f({place}) = ∅.", place=self.place)
            case "corner":
                return say("The one-sided derivatives differ: there is no derivative here.")
            case "steep":
                return say("The slope is infinite: there is no derivative here.")
            case "end":
                return say("The domain ends: there is a derivative on one side at most.")
            case "unknown":
                return say("Whether the quotients converge, and to what, was not proved.")
        return ""


def line_question(subject: Subject) -> LineQuestion | None:
    """The function for exact arithmetic; None where it has other than numbers in it, or is
    defined on several intervals."""
    if any(array.ndim for array in subject.values.values()):
        return None
    for domain, outside in _DOMAINS:
        if any(math.isfinite(subject.value(outside * x)) for x in _FAR if outside):
            continue
        try:
            return _asked(subject, domain)
        except _GIVING_UP:
            continue
    return None


def _asked(subject: Subject, domain: str | None) -> LineQuestion:
    values = {name: float(array) for name, array in subject.values.items()}
    text = to_text(subject.function.program)
    return read_question(text, subject.plotted[0], domain, values)


def local_at(subject: Subject, first: Slope | None, at: object) -> Local:
    """What is known at a point: by exact arithmetic where the derivative has conditions, and
    where it has none, or the function is too much for that, by the formula if a limit confirms
    it there."""
    point = parse_number(at)
    question = None if first is not None and first.is_plain else line_question(subject)
    if question is not None:
        try:
            return _exact(LineSubdifferential(question, point))
        except _GIVING_UP:
            pass
    x = float(point)
    found = None if first is None else _confirmed(subject, first, x)
    if found is None:
        return Local(x, _told(point), None, None, None, None, "unknown", ("", "", ""))
    return Local(x, _told(point), found, found, found, found, "smooth", (number_text(found),) * 3)


def _confirmed(subject: Subject, first: Slope, x: float) -> float | None:
    """The value of the derivative, if the quotients on both sides go there."""
    found, height = first.value(x), subject.value(x)
    unit = max(1.0, abs(x))

    def quotient(h: float) -> float:
        return (subject.value(x + h * unit) - height) / (h * unit)

    wide = [abs(quotient(h)) for h in (-_WIDE, _WIDE)]
    scale = abs(found) + max((each for each in wide if math.isfinite(each)), default=1.0)
    tolerance = _AGREEMENT * scale + _ROUNDINGS * abs(height) / (_STEP * unit)
    for h in (-_STEP, _STEP):
        limit = 2 * quotient(h) - quotient(2 * h)  # without the term that is linear in h
        if not abs(limit - found) <= tolerance:
            return None
    return found


def kinks_of(subject: Subject, low: float, high: float) -> list[Local]:
    """The points between two numbers at which a convex or concave function has a kink."""
    question = line_question(subject)
    if question is None:
        return []
    try:
        points = [each.point for each in SubdifferentialMap(question).points]
        inside = [point for point in points if low <= float(point) <= high]
        return [_exact(LineSubdifferential(question, point)) for point in inside]
    except _GIVING_UP:
        return []


def _exact(found: LineSubdifferential) -> Local:
    left, right = (None if each is None else float(each) for each in (found.left, found.right))
    before, behind = ("" if each is None else _told(each) for each in (found.left, found.right))

    def local(kind: str, low: float | None, high: float | None, set_told: str) -> Local:
        place = _told(found.point)
        told = before, behind, set_told
        return Local(float(found.point), place, left, right, low, high, kind, told)

    if found.is_differentiable:
        return local("smooth", left, left, before)
    if found.bounds is not None:
        low, high = found.bounds
        return local("kink", float(low), float(high), _interval(low, high))
    if found.kind == "empty":
        return local("empty", None, None, "∅")
    if left is None or right is None:
        return local("end", None, None, "∅")
    return local("steep" if left == right else "corner", None, None, "∅")


def _interval(low: Real, high: Real) -> str:
    left, right = "[" if low.is_finite else "(", "]" if high.is_finite else ")"
    return f"{left}{_told(low)}, {_told(high)}{right}"


def _told(value: Real) -> str:
    """Exact where that is short."""
    if not value.is_finite:
        return number_text(float(value))
    written = to_unicode(number_written(value), spell=spell_unicode).replace("-", "−")
    return written if len(written) <= _LONGEST_EXACT else number_text(float(value), 6)
