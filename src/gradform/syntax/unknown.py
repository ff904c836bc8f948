"""Errors for names that mean nothing, with what was probably meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

from gradform.errors import Fix, FormulaSyntaxError, ShapeError, Span, UnknownNameError
from gradform.formula.tree import Call, Compare, Formula, Name
from gradform.functions.record import Function, all_functions
from gradform.language import joined, say
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
    "ln": say("Use log for the natural logarithm."),
    "log2": say("Use log(x)/log(2)."),
    "log10": say("Use log(x)/log(10)."),
    "transpose": say("Write A'."),
    "norm": say("Use norm1, norm2 or norminf."),
    "fro": say("Use norm2, which is the Frobenius norm of a matrix."),
    "determinant": say("Did you mean det?"),
    "inverse": say("Did you mean inv?"),
    "identity": say("Write eye(n), or eye where the size is clear."),
    "logistic": say("Did you mean sigmoid?"),
    "lambertw": say("Did you mean LambertW?"),
    "pow": say("Write x^p for scalars, x.^p element-wise."),
    "power": say("Write x^p for scalars, x.^p element-wise."),
    "square": say("Write x^2 for scalars, x.^2 element-wise."),
    "hadamard": say("Write A.*B."),
    "trans": say("Write A'."),
    "grad": say("Enter only the expression and choose the variable separately."),
    "diff": say("Enter only the expression and choose the variable separately."),
}


_RENAMED = {
    "ln": ("log",),
    "norm": ("norm2", "norm1", "norminf"),
    "fro": ("norm2",),
    "determinant": ("det",),
    "inverse": ("inv",),
    "logistic": ("sigmoid",),
    "lambertw": ("LambertW",),
}


def _renamed(span: Span, names: Iterable[str]) -> list[Fix]:
    return [Fix(span, name) for name in names]


def undefined_variable(name: Name, known: Collection[str], infer: bool) -> UnknownNameError:
    """The error for a name that is nothing, with names it may be a slip or a product of."""
    text = name.name
    parts = [(text[:cut], text[cut:]) for cut in range(1, len(text))]
    product = next(((a, b) for a, b in parts if a in known and b in known), None)
    close = get_close_matches(text, sorted(known), n=1, cutoff=0.7) if parts else []
    meant = close
    if product is not None:
        left, right = product
        meant = [f"{left}*{right}", f"{left}'*{right}"]
        message = say(
            "Undefined variable '{name}'. Did you mean {left}*{right} (dimensions permitting) or "
            "{left}'*{right}?",
            name=text,
            left=left,
            right=right,
        )
    elif close:
        message = say(
            "Undefined variable '{name}'. Did you mean {close}?", name=text, close=close[0]
        )
    else:
        message = say("Undefined variable '{name}'.", name=text)
    hint = say("Declare {name} with its shape.", name=text)
    if infer:
        hint = say(
            "Declare {name} with its shape. Without declarations only letters, such as x or W_2, "
            "have a shape.",
            name=text,
        )
    return UnknownNameError(
        message,
        kind="undefined_variable",
        span=name.span,
        hint=hint,
        fixes=_renamed(name.span, meant),
    )


def unknown_function(call: Call, variables: Collection[str]) -> UnknownNameError:
    """The error for a call of a name that is no function."""
    instead = _INSTEAD.get(call.name)
    names: Sequence[str] = _RENAMED.get(call.name, ())
    if instead is None:
        spellings = [each for f in all_functions() for each in (f.name, *f.aliases)]
        names = get_close_matches(call.name, [*spellings, *sorted(variables)], n=1)
        instead = say("Did you mean {candidates}?", candidates=names[0]) if names else None
    if instead is None:
        message = say("Unknown function '{name}'.", name=call.name)
    else:
        message = say("Unknown function '{name}'. {instead}", name=call.name, instead=instead)
    return UnknownNameError(
        message,
        kind="unknown_function",
        span=call.name_span,
        hint=None if len(call.name) > 1 else say("For a product write {name}*(…).", name=call.name),
        fixes=_renamed(call.name_span, names),
    )


def function_without_argument(name: Name) -> ShapeError:
    return ShapeError(
        say("{name} is a function and needs an argument: {name}(...).", name=name.name),
        kind="arity",
        span=name.span,
    )


def wrong_arity(call: Call, record: Function) -> ShapeError:
    """The error for too few or too many arguments."""
    name, count = call.name, len(call.args)
    if record.arity == (1, 1):
        message = say("{name} takes 1 argument, got {count}.", name=name, count=count)
    else:
        message = say(
            "{name} takes {takes} arguments, got {count}.",
            name=name,
            takes=counts(record),
            count=count,
        )
    return ShapeError(
        message,
        kind="arity",
        span=call.name_span,
        hint=record.arity_hint,
    )


def counts(record: Function) -> str:
    """How many arguments a function takes, in words."""
    least, most = record.arity
    if most is None:
        return f"{least}, {least + record.repeats}, {least + 2 * record.repeats}, …"
    if least == most:
        return str(least)
    if most == least + 1:
        return say("{least} or {most}", least=least, most=most)
    return say("{least} to {most}", least=least, most=most)


def wrong_condition(call: Call, argument: Formula) -> FormulaSyntaxError:
    """The error for a comparison where a value is meant, or the other way round."""
    if not isinstance(argument, Compare):
        return FormulaSyntaxError(
            say("A condition of {name} is a comparison, such as x < 0.", name=call.name),
            kind="syntax",
            span=argument.span,
            hint=COMPARE,
        )
    return FormulaSyntaxError(
        say(
            "A comparison is only meant inside piecewise, as a condition; unexpected '{operator}'.",
            operator=argument.operator,
        ),
        kind="bad_char",
        span=argument.op_span,
        hint=COMPARE,
    )


def not_a_function(call: Call, what: str, argument: str) -> FormulaSyntaxError:
    """The error for ``a(x+y)`` with a scalar a."""
    return FormulaSyntaxError(
        say(
            "'{name}' is {what}, not a function: write {name}*({argument}).",
            name=call.name,
            what=what,
            argument=argument,
        ),
        kind="syntax",
        span=call.name_span,
        fixes=[Fix(Span(call.name_span.end, call.name_span.end), "*")],
    )


def not_a_dimension(name: Name, meaning: str | None, known: Collection[str]) -> UnknownNameError:
    """The error for a size that no declaration mentions."""
    if meaning is None:
        message = say("'{name}' is not a declared dimension.", name=name.name)
    else:
        message = say(
            "'{name}' is not a dimension but a {meaning}.", name=name.name, meaning=meaning
        )
    declare = say("Declare a variable of this size.")
    names = joined(sorted(known))
    return UnknownNameError(
        message,
        kind="undefined_variable",
        span=name.span,
        hint=say("Known dimensions: {names}.", names=names) if names else declare,
    )
