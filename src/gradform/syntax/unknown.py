"""Errors for names that mean nothing, with what was probably meant."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from gradform.errors import FormulaSyntaxError, ShapeError, UnknownNameError
from gradform.formula.tree import Call, Compare, Formula, Name
from gradform.functions.record import Function, all_functions
from gradform.syntax.lexer import COMPARE

__all__ = [
    "counts",
    "function_without_argument",
    "not_a_dimension",
    "not_a_function",
    "undefined_variable",
    "unknown_function",
    "wrong_arity",
    "wrong_condition",
]

_INSTEAD = {
    "ln": "Use log for the natural logarithm.",
    "log2": "Use log(x)/log(2).",
    "log10": "Use log(x)/log(10).",
    "transpose": "Write A'.",
    "norm": "Use norm1, norm2 or norminf.",
    "fro": "Use norm2, which is the Frobenius norm of a matrix.",
    "determinant": "Did you mean det?",
    "inverse": "Did you mean inv?",
    "identity": "Write eye(n), or eye where the size is clear.",
    "logistic": "Did you mean sigmoid?",
    "lambertw": "Did you mean LambertW?",
    "pow": "Write x^p for scalars, x.^p element-wise.",
    "power": "Write x^p for scalars, x.^p element-wise.",
    "square": "Write x^2 for scalars, x.^2 element-wise.",
    "hadamard": "Write A.*B.",
    "trans": "Write A'.",
    "grad": "Enter only the expression and choose the variable separately.",
    "diff": "Enter only the expression and choose the variable separately.",
}


def undefined_variable(name: Name, known: Collection[str], infer: bool) -> UnknownNameError:
    """The error for a name that is nothing, with names it may be a slip or a product of."""
    text = name.name
    message = f"Undefined variable '{text}'."
    parts = [(text[:cut], text[cut:]) for cut in range(1, len(text))]
    product = next(((a, b) for a, b in parts if a in known and b in known), None)
    close = get_close_matches(text, sorted(known), n=1, cutoff=0.7) if parts else []
    if product is not None:
        left, right = product
        message += f" Did you mean {left}*{right} (dimensions permitting) or {left}'*{right}?"
    elif close:
        message += f" Did you mean {close[0]}?"
    hint = f"Declare {text} with its shape."
    if infer:
        hint += " Without declarations only letters, such as x or W_2, have a shape."
    return UnknownNameError(message, kind="undefined_variable", span=name.span, hint=hint)


def unknown_function(call: Call, variables: Collection[str]) -> UnknownNameError:
    """The error for a call of a name that is no function."""
    instead = _INSTEAD.get(call.name)
    if instead is None:
        spellings = [each for f in all_functions() for each in (f.name, *f.aliases)]
        close = get_close_matches(call.name, [*spellings, *sorted(variables)], n=1)
        instead = f"Did you mean {close[0]}?" if close else ""
    return UnknownNameError(
        f"Unknown function '{call.name}'. {instead}".rstrip(),
        kind="unknown_function",
        span=call.name_span,
        hint=f"For a product write {call.name}*(…)." if len(call.name) == 1 else None,
    )


def function_without_argument(name: Name) -> ShapeError:
    return ShapeError(
        f"{name.name} is a function and needs an argument: {name.name}(...).",
        kind="arity",
        span=name.span,
    )


def wrong_arity(call: Call, record: Function) -> ShapeError:
    """The error for too few or too many arguments."""
    takes = counts(record)
    return ShapeError(
        f"{call.name} takes {takes} argument{'' if takes == '1' else 's'}, got {len(call.args)}.",
        kind="arity",
        span=call.name_span,
        hint=record.arity_hint,
    )


def counts(record: Function) -> str:
    """How many arguments a function takes, in words."""
    least, most = record.arity
    if most is None:
        return f"{least}, {least + record.repeats}, {least + 2 * record.repeats}, …"
    between = "or" if most == least + 1 else "to"
    return f"{least}" if least == most else f"{least} {between} {most}"


def wrong_condition(call: Call, argument: Formula) -> FormulaSyntaxError:
    """The error for a comparison where a value is meant, or the other way round."""
    if not isinstance(argument, Compare):
        return FormulaSyntaxError(
            f"A condition of {call.name} is a comparison, such as x < 0.",
            kind="syntax",
            span=argument.span,
            hint=COMPARE,
        )
    return FormulaSyntaxError(
        f"A comparison is only meant inside piecewise, as a condition; unexpected "
        f"'{argument.operator}'.",
        kind="bad_char",
        span=argument.op_span,
        hint=COMPARE,
    )


def not_a_function(call: Call, what: str, argument: str) -> FormulaSyntaxError:
    """The error for ``a(x+y)`` with a scalar a."""
    return FormulaSyntaxError(
        f"'{call.name}' is {what}, not a function: write {call.name}*({argument}).",
        kind="syntax",
        span=call.name_span,
    )


def not_a_dimension(name: Name, meaning: str | None, known: Collection[str]) -> UnknownNameError:
    """The error for a size that no declaration mentions."""
    is_not = "a declared dimension" if meaning is None else f"a dimension but a {meaning}"
    names = ", ".join(sorted(known))
    return UnknownNameError(
        f"'{name.name}' is not {is_not}.",
        kind="undefined_variable",
        span=name.span,
        hint=f"Known dimensions: {names}." if names else "Declare a variable of this size.",
    )
