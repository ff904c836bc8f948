"""1 + exp(x), which the logistic function divides by.

Programs that are run by NumPy have it in place of the logistic function: y/(1 + exp(-x)) takes
fewer passes over arrays than y·sigmoid(x). It is no word of the input language.
"""

from __future__ import annotations

from gradform.functions.record import Function

__all__ = ["one_plus_exp"]

one_plus_exp = Function(
    name="one_plus_exp",
    elementwise=True,
    formula="1 + exp(x)",
    sign="positive",
    spell={"python": "1.0 + math.exp({0})"},
    helpers={
        "numpy": """\
def one_plus_exp(x):
    \"\"\"1 + exp(x), infinite where that is too large for a number.\"\"\"
    with np.errstate(over="ignore"):
        found = np.exp(x)
    found += 1.0
    return found
""",
    },
)
