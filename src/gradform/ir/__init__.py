"""The expression: an interned, labelled tensor IR."""

from gradform.ir import pickling as pickling
