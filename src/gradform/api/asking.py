"""From one question, with its variables and order, to the derivative or derivatives."""

from __future__ import annotations

from collections.abc import Sequence

from gradform.api.several import Derivatives
from gradform.derive.answer import Derivative, answer
from gradform.derive.pipeline import Question
from gradform.derive.products import typed
from gradform.errors import InputError, UnknownNameError
from gradform.formula.tree import Call, Formula, Name, Program, children
from gradform.language import say
from gradform.records import replaced

__all__ = ["ask", "occurring"]


def ask(
    question: Question, wrt: str | Sequence[str] | None, order: int, *, check: bool
) -> Derivative | Derivatives:
    """Answer a question.

    wrt     one variable: differentiated ``order`` times. A list: with order 1 the
            derivative by each, with ``order`` the length of the list the mixed derivative.
            None: the one variable of the function, or each of several
    """
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise InputError(say("The order is 1, 2, …, not {order}.", order=repr(order)), kind="order")
    if wrt is None:
        names = occurring(question)
        wrt = names[0] if len(names) == 1 else names
        if order > 1 and not isinstance(wrt, str):
            return Derivatives({name: _answer(question, (name,) * order, check) for name in names})
    if isinstance(wrt, str):
        return _answer(question, (wrt,) * order, check)
    if order == 1:
        return Derivatives({name: _answer(question, (name,), check) for name in wrt})
    if len(wrt) != order:
        raise InputError(
            say(
                "A derivative of order {order} needs {order} variables, not {count}.",
                order=order,
                count=len(wrt),
            ),
            kind="order",
            hint=say("give one variable, or one for each order"),
        )
    return _answer(question, tuple(wrt), check)


def _answer(question: Question, wrt: tuple[str, ...], check: bool) -> Derivative:
    return answer(replaced(question, wrt=wrt), check=check)


def occurring(question: Question) -> list[str]:
    """The variables that occur in the function, in the order of their first occurrence.

    Raises UnknownNameError when there is none.
    """
    function = typed(question)
    names = list(dict.fromkeys(_names(function.program)))
    found = [name for name in names if name in function.variables]
    if not found:
        raise UnknownNameError(
            say("There is no variable to differentiate by."),
            kind="wrt_undeclared",
            hint=say("declare one, or name the variable"),
        )
    return found


def _names(program: Program) -> list[str]:
    names: list[str] = []
    pending: list[Formula] = [*(each.value for each in program.definitions), program.body]
    pending.reverse()
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Name | Call):
            names.append(node.name)
        pending.extend(reversed(children(node)))
    return names
